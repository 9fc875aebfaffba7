package dev.millrace.engine.web;

import java.util.List;
import java.util.Optional;

/**
 * Where things are in a log, as far as it was read. Immutable.
 *
 * @param lines how many complete lines there are; line numbers count from 1
 * @param bytes how many bytes these have
 * @param size how many bytes the log had when it was looked at
 * @param behind whether some of these are still to be read: a big log is read in steps
 * @param complete whether the log ends here
 * @param marks a place to start reading from at every {@link #MARK_LINES} lines
 * @param sections the builder's steps, in order
 * @param recipe how to run the job by hand, which the log's body leaves out
 * @param errorLine the line most likely to say what went wrong
 */
record LogMap(
    long lines,
    long bytes,
    long size,
    boolean behind,
    boolean complete,
    List<Mark> marks,
    List<Section> sections,
    Optional<Recipe> recipe,
    Optional<Long> errorLine) {
  static final int MARK_LINES = 500;

  static final LogMap EMPTY =
      new LogMap(
          0,
          0,
          0,
          false,
          false,
          List.of(new Mark(0, AnsiStyle.PLAIN)),
          List.of(),
          Optional.empty(),
          Optional.empty());

  LogMap {
    marks = List.copyOf(marks);
    sections = List.copyOf(sections);
  }

  /** Where a line begins, and the style in force there. */
  record Mark(long offset, AnsiStyle style) {}

  /**
   * One step.
   *
   * @param line the number of its heading
   * @param title the heading's text
   */
  record Section(long line, String title) {}

  /** Lines {@code first} to {@code last}, markers included; the text is without them. */
  record Recipe(long first, long last, String text) {}

  /** How much of the log is known. */
  String progress() {
    return "%d %% of %,d MB".formatted(100 * bytes / Math.max(1, size), size / 1_000_000);
  }

  /** The last mark at or before a line. */
  Mark markBefore(long line) {
    return marks.get((int) Math.min(marks.size() - 1L, (line - 1) / MARK_LINES));
  }

  /** The number of the line that {@link #markBefore} leads to. */
  long markLine(long line) {
    return Math.min(marks.size() - 1L, (line - 1) / MARK_LINES) * MARK_LINES + 1;
  }

  /** The index of the section that a line is in (its heading included); -1 before the first. */
  int sectionOf(long line) {
    int low = 0;
    int high = sections.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sections.get(middle).line() <= line) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  boolean isRecipe(long line) {
    return recipe.isPresent() && line >= recipe.get().first() && line <= recipe.get().last();
  }

  /** The number of the first line of the block that a line is shown in. */
  long blockOf(long line) {
    long start = (line - 1) / MARK_LINES * MARK_LINES + 1;
    int section = sectionOf(line);
    return section < 0 ? start : Math.max(start, sections.get(section).line() + 1);
  }
}
