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
 * @param time how it knows the time
 * @param confirmation which jobs wait for approval
 * @param keeping what is kept of jobs, and how long
 * @param metrics where its metrics go
 * @param database where the records are, for one engine at a time; empty for a file in the state
 *     directory
 */
public record EngineConfig(
    Path stateDirectory,
    Time time,
    Confirmation confirmation,
    Keeping keeping,
    PrometheusRegistry metrics,
    Optional<DatabaseAddress> database) {
  /** What {@code logSizeMax} is unless said otherwise: 4 GiB. */
  public static final long LOG_SIZE_MAX_DEFAULT = 4L << 30;

  /** No less than this can be said: 1 MiB. */
  public static final long LOG_SIZE_MAX_LEAST = 1L << 20;

  /**
   * How an engine knows the time.
   *
   * @param clock what time it is
   * @param ticker nanoseconds that only go forward, and at the pace of time, whatever the clock is
   *     set to
   */
  public record Time(InstantSource clock, LongSupplier ticker) {}

  /**
   * Which jobs wait for approval.
   *
   * @param threshold the level at and above which they do; empty for none
   * @param autoRelease after how long that goes away by itself, unless somebody has set it
   *     meanwhile; empty for never
   */
  public record Confirmation(Optional<Level> threshold, Optional<Duration> autoRelease) {}

  /**
   * What is kept of jobs, and how long.
   *
   * @param logs after how long logs of jobs that no stage shows are deleted, and the records of
   *     them kept; empty for never
   * @param history how many jobs of a key are kept at least, counted from its newest result back;
   *     older ones that no stage shows are deleted with their logs, and what people did to jobs
   *     that are gone is a year after they did it; empty for all
   * @param logSizeMax how many bytes of log a job may print; its log says so where it ends for that
   */
  public record Keeping(Optional<Duration> logs, Optional<Integer> history, long logSizeMax) {
    /** Checks. */
    public Keeping {
      if (logs.isPresent() && logs.get().compareTo(Duration.ofDays(1)) < 0) {
        throw new IllegalArgumentException("keepLogs must be at least a day, was " + logs.get());
      }
      if (history.isPresent() && history.get() < 1) {
        throw new IllegalArgumentException("keepHistory must be at least 1, was " + history.get());
      }
      if (logSizeMax < LOG_SIZE_MAX_LEAST) {
        throw new IllegalArgumentException(
            "logSizeMax must be at least %s, was %s"
                .formatted(Limit.bytes(LOG_SIZE_MAX_LEAST), Limit.bytes(logSizeMax)));
      }
    }
  }

  /** The system's clock, no approval needed, all kept, metrics in a registry of its own. */
  public static EngineConfig in(Path stateDirectory) {
    return new EngineConfig(
        stateDirectory,
        new Time(InstantSource.system(), System::nanoTime),
        new Confirmation(Optional.empty(), Optional.empty()),
        new Keeping(Optional.empty(), Optional.empty(), LOG_SIZE_MAX_DEFAULT),
        new PrometheusRegistry(),
        Optional.empty());
  }

  /** The same with another clock, and what measures time beside it. */
  public EngineConfig withClock(InstantSource clock, LongSupplier ticker) {
    return new EngineConfig(
        stateDirectory, new Time(clock, ticker), confirmation, keeping, metrics, database);
  }

  /** The same with jobs at and above {@code level} waiting for approval. */
  public EngineConfig withConfirm(Level level) {
    return with(new Confirmation(Optional.of(level), confirmation.autoRelease));
  }

  /** The same with the threshold going away after this time. */
  public EngineConfig withConfirmAutoRelease(Duration after) {
    return with(new Confirmation(confirmation.threshold, Optional.of(after)));
  }

  private EngineConfig with(Confirmation other) {
    return new EngineConfig(stateDirectory, time, other, keeping, metrics, database);
  }

  /** The same with logs that no stage shows deleted after this time. */
  public EngineConfig withKeepLogs(Duration after) {
    return with(new Keeping(Optional.of(after), keeping.history, keeping.logSizeMax));
  }

  /** The same with at least so many jobs of each key kept. */
  public EngineConfig withKeepHistory(int jobs) {
    return with(new Keeping(keeping.logs, Optional.of(jobs), keeping.logSizeMax));
  }

  /** The same with jobs printing so many bytes at most. */
  public EngineConfig withLogSizeMax(long bytes) {
    return with(new Keeping(keeping.logs, keeping.history, bytes));
  }

  private EngineConfig with(Keeping other) {
    return new EngineConfig(stateDirectory, time, confirmation, other, metrics, database);
  }

  /** The same with another registry. */
  public EngineConfig withMetrics(PrometheusRegistry registry) {
    return new EngineConfig(stateDirectory, time, confirmation, keeping, registry, database);
  }

  /** The same with the records in a PostgreSQL database. */
  public EngineConfig withDatabase(DatabaseAddress address) {
    return new EngineConfig(
        stateDirectory, time, confirmation, keeping, metrics, Optional.of(address));
  }
}
