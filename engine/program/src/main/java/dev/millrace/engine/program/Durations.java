package dev.millrace.engine.program;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people read and write them. */
public final class Durations {
  private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,9})([smhd])");

  private Durations() {}

  /** {@code 12s}, {@code 1m02s}, {@code 1h01m}, {@code 1d00h}. */
  public static String render(Duration duration) {
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

  /**
   * Reads a whole number of seconds, minutes, hours or days: {@code 45s}, {@code 90m}, {@code 12h},
   * {@code 30d}.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static Duration parse(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Cannot read \"%s\" as a time: expected a number and s, m, h or d, such as 30d"
              .formatted(text));
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
