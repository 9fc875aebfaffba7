package dev.millrace.engine.core;

import java.time.Duration;
import java.util.Optional;

/**
 * How long an outcome is good for. When that time is over, the work is done again while the old
 * outcome is still shown.
 *
 * @param validFor counted from the end of the job; applies to failures too; empty for ever
 */
public record Schedule(Optional<Duration> validFor) {
  /** Good for ever. */
  public static final Schedule ALWAYS = new Schedule(Optional.empty());

  /** Checks. */
  public Schedule {
    if (validFor.isPresent() && !validFor.get().isPositive()) {
      throw new IllegalArgumentException("validFor must be above 0, was " + validFor.get());
    }
  }

  /** Good for this long. */
  public static Schedule validFor(Duration duration) {
    return new Schedule(Optional.of(duration));
  }
}
