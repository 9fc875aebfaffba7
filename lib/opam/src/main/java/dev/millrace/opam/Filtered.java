package dev.millrace.opam;

import java.util.Optional;

/**
 * Something that counts only where its filter, if it has one, is true.
 *
 * @param <T> what counts
 */
public record Filtered<T>(T value, Optional<Filter> filter) {
  /** Says whether it counts in this environment; where that is undefined, it does not. */
  public boolean counts(Environment environment) {
    return filter.map(f -> f.evalToBoolean(environment, false)).orElse(true);
  }
}
