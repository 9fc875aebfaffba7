package dev.millrace.incremental;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A total order of computed values into which new ones are inserted anywhere, with comparison by a
 * number: the simplified list-labelling algorithm of Bender, Cole, Demaine, Farach-Colton and Zito,
 * "Two simplified algorithms for maintaining order in a list" (2002).
 *
 * <p>Where two neighbours have no number between them, the smallest aligned range of numbers around
 * them that is sparse enough is numbered afresh, evenly; an insertion costs O(log n) amortised.
 */
final class Timeline {
  private static final int BITS = 62;

  /** How far apart values are put where there is room: a range for insertions later on. */
  private static final long STRIDE = 1L << 32;

  /** A range of 2^i numbers may hold (2/T)^i values; T between 1 and 2. */
  private static final double T = 1.4;

  private final Computed<?> first = new Computed.Bound();
  private final Computed<?> last = new Computed.Bound();

  Timeline() {
    first.tag = 0;
    last.tag = 1L << BITS;
    first.next = last;
    last.previous = first;
  }

  Computed<?> first() {
    return first;
  }

  void insertAfter(Computed<?> place, Computed<?> node) {
    Computed<?> after = requireNonNull(place.next);
    if (after.tag - place.tag < 2) {
      relabelAround(place);
    }
    node.tag = place.tag + Math.min((after.tag - place.tag) / 2, STRIDE);
    node.previous = place;
    node.next = after;
    place.next = node;
    after.previous = node;
  }

  void remove(Computed<?> node) {
    Computed<?> before = requireNonNull(node.previous);
    Computed<?> after = requireNonNull(node.next);
    before.next = after;
    after.previous = before;
    node.previous = null;
    node.next = null;
  }

  private void relabelAround(Computed<?> node) {
    Computed<?> left = node;
    Computed<?> right = node;
    long count = 1;
    double allowed = 1;
    for (int bits = 1; bits <= BITS; bits++) {
      allowed *= 2 / T;
      long low = node.tag & -(1L << bits);
      long high = low + (1L << bits);
      while (inRange(left.previous, low, high)) {
        left = requireNonNull(left.previous);
        count++;
      }
      while (inRange(right.next, low, high)) {
        right = requireNonNull(right.next);
        count++;
      }
      long gap = (1L << bits) / count;
      if (count <= allowed && gap >= 4) {
        relabel(left, count, low, gap);
        return;
      }
    }
    throw new IllegalStateException("The time line is full");
  }

  private static boolean inRange(@Nullable Computed<?> node, long low, long high) {
    return node != null && node.tag >= low && node.tag < high;
  }

  private static void relabel(Computed<?> start, long count, long low, long gap) {
    Computed<?> node = start;
    long tag = low;
    for (long i = 0; i < count; i++) {
      node.tag = tag;
      tag += gap;
      node = requireNonNull(node.next);
    }
  }
}
