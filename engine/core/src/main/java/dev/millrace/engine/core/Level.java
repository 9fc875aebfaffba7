package dev.millrace.engine.core;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How costly or risky an operation is, from least to most; jobs at or above a threshold wait for
 * approval.
 */
public enum Level {
  /** Reads what is local. */
  HARMLESS,
  /** Asks other machines. */
  MOSTLY_HARMLESS,
  /** Builds. */
  AVERAGE,
  /** Notifies people. */
  ABOVE_AVERAGE,
  /** Publishes. */
  DANGEROUS;

  /**
   * Reads {@code harmless}, {@code mostly-harmless} and so on.
   *
   * @throws IllegalArgumentException naming the valid levels
   */
  public static Level parse(String text) {
    for (Level level : values()) {
      if (level.toString().equals(text)) {
        return level;
      }
    }
    throw new IllegalArgumentException(
        "Cannot parse level \"%s\": expected one of %s"
            .formatted(
                text,
                Arrays.stream(values()).map(Level::toString).collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
