package dev.millrace.engine.core;

import dev.millrace.base.Limit;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How an engine is set up.
 *
 * @param stateDirectory where records and logs live; made if missing
 * @param clock what time it is
 * @param ticker nanoseconds that only go forward, and at the pace of time, whatever the clock is
 *     set to
 * @param confirm the level at and above which jobs wait for approval; empty for none
 * @param confirmAutoRelease after how long that threshold goes away by itself, unless somebody has
 *     set it meanwhile; empty for never
 * @param metrics where its metrics go
 * @param keepLogs after how long logs of jobs that no stage shows are deleted, and the records of
 *     them kept; empty for never
 * @param keepHistory how many jobs of a key are kept at least, counted from its newest result back;
 *     older ones that no stage shows are deleted with their logs, and what people did to jobs that
 *     are gone is a year after they did it; empty for all
 * @param logSizeMax how many bytes of log a job may print; its log says so where it ends for that
 * @param database where the records are, for one engine at a time; empty for a file in the state
 *     directory
 */
public record EngineConfig(
    Path stateDirectory,
    InstantSource clock,
    LongSupplier ticker,
    Optional<Level> confirm,
    Optional<Duration> confirmAutoRelease,
    PrometheusRegistry metrics,
    Optional<Duration> keepLogs,
    Optional<Integer> keepHistory,
    long logSizeMax,
    Optional<DatabaseAddress> database) {
  /** What {@code logSizeMax} is unless said otherwise: 4 GiB. */
  public static final long LOG_SIZE_MAX_DEFAULT = 4L << 30;

  /** No less than this can be said: 1 MiB. */
  public static final long LOG_SIZE_MAX_LEAST = 1L << 20;

  /** Checks. */
  public EngineConfig {
    if (keepLogs.isPresent() && keepLogs.get().compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException("keepLogs must be at least a day, was " + keepLogs.get());
    }
    if (keepHistory.isPresent() && keepHistory.get() < 1) {
      throw new IllegalArgumentException(
          "keepHistory must be at least 1, was " + keepHistory.get());
    }
    if (logSizeMax < LOG_SIZE_MAX_LEAST) {
      throw new IllegalArgumentException(
          "logSizeMax must be at least %s, was %s"
              .formatted(Limit.bytes(LOG_SIZE_MAX_LEAST), Limit.bytes(logSizeMax)));
    }
  }

  /** The system's clock, no approval needed, metrics in a registry of its own. */
  public static EngineConfig in(Path stateDirectory) {
    return new EngineConfig(
        stateDirectory,
        InstantSource.system(),
        System::nanoTime,
        Optional.empty(),
        Optional.empty(),
        new PrometheusRegistry(),
        Optional.empty(),
        Optional.empty(),
        LOG_SIZE_MAX_DEFAULT,
        Optional.empty());
  }

  /** The same with another clock, and what measures time beside it. */
  public EngineConfig withClock(InstantSource newClock, LongSupplier newTicker) {
    return new EngineConfig(
        stateDirectory,
        newClock,
        newTicker,
        confirm,
        confirmAutoRelease,
        metrics,
        keepLogs,
        keepHistory,
        logSizeMax,
        database);
  }

  /** The same with jobs at and above {@code level} waiting for approval. */
  public EngineConfig withConfirm(Level level) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        Optional.of(level),
        confirmAutoRelease,
        metrics,
        keepLogs,
        keepHistory,
        logSizeMax,
        database);
  }

  /** The same with the threshold going away after this time. */
  public EngineConfig withConfirmAutoRelease(Duration after) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        confirm,
        Optional.of(after),
        metrics,
        keepLogs,
        keepHistory,
        logSizeMax,
        database);
  }

  /** The same with another registry. */
  public EngineConfig withMetrics(PrometheusRegistry registry) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        confirm,
        confirmAutoRelease,
        registry,
        keepLogs,
        keepHistory,
        logSizeMax,
        database);
  }

  /** The same with logs that no stage shows deleted after this time. */
  public EngineConfig withKeepLogs(Duration time) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        confirm,
        confirmAutoRelease,
        metrics,
        Optional.of(time),
        keepHistory,
        logSizeMax,
        database);
  }

  /** The same with at least so many jobs of each key kept. */
  public EngineConfig withKeepHistory(int jobs) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        confirm,
        confirmAutoRelease,
        metrics,
        keepLogs,
        Optional.of(jobs),
        logSizeMax,
        database);
  }

  /** The same with jobs printing so many bytes at most. */
  public EngineConfig withLogSizeMax(long bytes) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        confirm,
        confirmAutoRelease,
        metrics,
        keepLogs,
        keepHistory,
        bytes,
        database);
  }

  /** The same with the records in a PostgreSQL database. */
  public EngineConfig withDatabase(DatabaseAddress address) {
    return new EngineConfig(
        stateDirectory,
        clock,
        ticker,
        confirm,
        confirmAutoRelease,
        metrics,
        keepLogs,
        keepHistory,
        logSizeMax,
        Optional.of(address));
  }
}
