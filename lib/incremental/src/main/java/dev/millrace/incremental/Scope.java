package dev.millrace.incremental;

import java.util.ArrayList;
import java.util.List;

/** What was made inside one run of a computation, and goes away with it. */
final class Scope {
  /** Where the next value of this scope goes on the time line: just after this one. */
  Computed<?> cursor;

  final Computed<?> start;

  final List<Computed<?>> members = new ArrayList<>();
  final List<Runnable> hooks = new ArrayList<>(0);

  Scope(Computed<?> start) {
    this.start = start;
    this.cursor = start;
  }
}
