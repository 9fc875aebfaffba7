package dev.millrace.solver;

import java.util.Set;

/**
 * What is left aside of a request and of the files, to find out whether it matters. Immutable.
 *
 * @param dropped what does not count at all
 * @param widened needs that count, but with any version of what is needed
 */
record Relaxation(Set<Fact> dropped, Set<Fact> widened) {
  /** Everything counts. */
  static final Relaxation NONE = new Relaxation(Set.of(), Set.of());

  Relaxation {
    dropped = Set.copyOf(dropped);
    widened = Set.copyOf(widened);
  }

  boolean isNone() {
    return dropped.isEmpty() && widened.isEmpty();
  }
}
