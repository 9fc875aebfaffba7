package dev.millrace.engine.core;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How an engine is set up.
 *
 * @param stateDirectory where records and logs live; made if missing
 * @param clock what time it is
 * @param confirm the level at and above which jobs wait for approval; empty for none
 * @param confirmAutoRelease after how long that threshold goes away by itself, unless somebody has
 *     set it meanwhile; empty for never
 * @param metrics where its metrics go
 */
public record EngineConfig(
    Path stateDirectory,
    InstantSource clock,
    Optional<Level> confirm,
    Optional<Duration> confirmAutoRelease,
    PrometheusRegistry metrics) {

  /** The system's clock, no approval needed, metrics in a registry of its own. */
  public static EngineConfig in(Path stateDirectory) {
    return new EngineConfig(
        stateDirectory,
        InstantSource.system(),
        Optional.empty(),
        Optional.empty(),
        new PrometheusRegistry());
  }

  /** The same with another clock. */
  public EngineConfig withClock(InstantSource newClock) {
    return new EngineConfig(stateDirectory, newClock, confirm, confirmAutoRelease, metrics);
  }

  /** The same with jobs at and above {@code level} waiting for approval. */
  public EngineConfig withConfirm(Level level) {
    return new EngineConfig(stateDirectory, clock, Optional.of(level), confirmAutoRelease, metrics);
  }

  /** The same with the threshold going away after this time. */
  public EngineConfig withConfirmAutoRelease(Duration after) {
    return new EngineConfig(stateDirectory, clock, confirm, Optional.of(after), metrics);
  }

  /** The same with another registry. */
  public EngineConfig withMetrics(PrometheusRegistry registry) {
    return new EngineConfig(stateDirectory, clock, confirm, confirmAutoRelease, registry);
  }
}
