package dev.millrace.engine.web;

import java.util.List;

/**
 * Which lines of a log a page shows: all of a log of ordinary size, the head and the tail of a big
 * one, or the range that was asked for.
 *
 * @param ranges in order, apart from each other, none empty
 */
record LogWindow(List<Range> ranges) {
  static final long WHOLE_MAX = 50_000;
  static final long HEAD = 2_000;
  static final long TAIL = 10_000;

  /** How many lines one request may ask for. */
  static final long RANGE_MAX = 10_000;

  /** The lines {@code first} to {@code last}. */
  record Range(long first, long last) {}

  LogWindow {
    ranges = List.copyOf(ranges);
  }

  static LogWindow of(long lines) {
    if (lines == 0) {
      return new LogWindow(List.of());
    }
    if (lines <= WHOLE_MAX) {
      return new LogWindow(List.of(new Range(1, lines)));
    }
    // The tail begins with a block, so that what is fetched later joins without a seam.
    long tail = (lines - TAIL) / LogMap.MARK_LINES * LogMap.MARK_LINES + 1;
    return new LogWindow(List.of(new Range(1, HEAD), new Range(tail, lines)));
  }

  /** The head alone, of a log whose end is not known yet. */
  static LogWindow head(long lines) {
    return range(1, HEAD, lines);
  }

  /** A range, cut to what exists and may be asked for at once. */
  static LogWindow range(long first, long last, long lines) {
    long from = Math.max(1, first);
    long to = Math.min(Math.min(last, lines), from + RANGE_MAX - 1);
    return from > to ? new LogWindow(List.of()) : new LogWindow(List.of(new Range(from, to)));
  }
}
