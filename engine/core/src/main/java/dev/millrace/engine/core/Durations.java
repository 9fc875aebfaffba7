package dev.millrace.engine.core;

import java.time.Duration;

/** Times for people. */
final class Durations {
  private Durations() {}

  /** In the largest unit in which it is not too coarse. */
  static String describe(Duration duration) {
    if (duration.toHours() > 48) {
      return duration.toDays() + " days";
    }
    if (duration.toMinutes() > 120) {
      return duration.toHours() + " hours";
    }
    if (duration.toSeconds() > 120) {
      return duration.toMinutes() + " minutes";
    }
    return duration.toSeconds() > 2
        ? duration.toSeconds() + " seconds"
        : duration.toMillis() + " ms";
  }
}
