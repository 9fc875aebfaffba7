package dev.millrace.engine.core;

import java.time.Duration;
import java.util.Optional;

/**
 * How often, and after which pauses, work that failed in a way which may pass is tried again: after
 * ten seconds, and twice as long each time, up to ten minutes. What fails together is not tried
 * again together: a pause is up to a quarter shorter or longer, by the name of the work.
 */
final class Retries {
  static final int MAX = 8;
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private Retries() {}

  /**
   * The pause after a failure.
   *
   * @param before how many retries there were before
   * @param name of the work
   * @return empty if it is not tried again
   */
  static Optional<Duration> pauseAfter(int before, String name) {
    if (before >= MAX) {
      return Optional.empty();
    }
    Duration doubled = FIRST.multipliedBy(1L << before);
    Duration pause = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    // Scattered, but the same each time: a test or a replay sees the same.
    int scatter = Math.floorMod(31 * name.hashCode() + before, 501);
    return Optional.of(pause.multipliedBy(750L + scatter).dividedBy(1000));
  }
}
