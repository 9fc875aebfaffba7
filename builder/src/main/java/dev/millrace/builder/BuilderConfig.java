package dev.millrace.builder;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a builder is to know.
 *
 * @param stateDirectory where it keeps its database and its key; made when missing
 * @param time the clock
 * @param stepTimeLimit how long a step may run; empty for no limit
 * @param logBytesMax how much a step may print
 * @param keepFailed whether the root of a step that failed is kept, to be entered
 */
public record BuilderConfig(
    Path stateDirectory,
    InstantSource time,
    Optional<Duration> stepTimeLimit,
    long logBytesMax,
    boolean keepFailed) {
  /** How much a step may print unless stated otherwise. */
  public static final long LOG_BYTES_MAX = 256L << 20;

  /** Checks. */
  public BuilderConfig {
    if (logBytesMax < 1) {
      throw new IllegalArgumentException("logBytesMax must be at least 1, was " + logBytesMax);
    }
  }

  /** A builder with the machine's clock and the default limits. */
  public static BuilderConfig in(Path stateDirectory) {
    return new BuilderConfig(
        stateDirectory, InstantSource.system(), Optional.empty(), LOG_BYTES_MAX, false);
  }

  /** The same with another clock. */
  public BuilderConfig withTime(InstantSource newTime) {
    return new BuilderConfig(stateDirectory, newTime, stepTimeLimit, logBytesMax, keepFailed);
  }

  /** The same with a limit on each step's running time. */
  public BuilderConfig withStepTimeLimit(Duration newLimit) {
    return new BuilderConfig(stateDirectory, time, Optional.of(newLimit), logBytesMax, keepFailed);
  }

  /** The same with another limit on what a step may print. */
  public BuilderConfig withLogBytesMax(long newMax) {
    return new BuilderConfig(stateDirectory, time, stepTimeLimit, newMax, keepFailed);
  }

  /** The same, and what failed steps leave is kept. */
  public BuilderConfig withKeepFailed(boolean newKeepFailed) {
    return new BuilderConfig(stateDirectory, time, stepTimeLimit, logBytesMax, newKeepFailed);
  }
}
