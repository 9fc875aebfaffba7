package dev.millrace.app;

import java.time.Duration;

/** Durations as people read them. */
final class Durations {
  private Durations() {}

  /** {@code 12s}, {@code 1m02s}, {@code 1h01m}, {@code 1d00h}. */
  static String render(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return "%dm%02ds".formatted(seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return "%dh%02dm".formatted(seconds / 3600, seconds / 60 % 60);
    }
    return "%dd%02dh".formatted(seconds / 86_400, seconds / 3600 % 24);
  }
}
