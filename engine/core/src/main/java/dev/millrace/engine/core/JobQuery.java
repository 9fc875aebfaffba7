package dev.millrace.engine.core;

import java.util.Optional;
import java.util.Set;

/**
 * Which jobs to list, newest first.
 *
 * @param text words that the description, operation or message must contain, in any case; blank for
 *     all
 * @param states the states wanted; empty for all
 * @param operation only jobs of this operation
 * @param offset how many to pass over, from 0
 * @param limit how many to return at most, 1 to 1000
 */
public record JobQuery(
    String text, Set<StageState> states, Optional<String> operation, int offset, int limit) {
  /** Checks and copies. */
  public JobQuery {
    states = Set.copyOf(states);
    if (offset < 0 || limit < 1 || limit > 1000) {
      throw new IllegalArgumentException(
          "offset must be at least 0 and limit 1 to 1000, were %d and %d".formatted(offset, limit));
    }
  }

  /** The newest jobs of all kinds. */
  public static JobQuery newest(int limit) {
    return new JobQuery("", Set.of(), Optional.empty(), 0, limit);
  }
}
