package dev.millrace.engine.web;

import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;

/**
 * Writes lines of a log as the page shows them: blocks of at most 500 lines, the builder's steps as
 * foldable groups, gaps where lines are left out. Everything it writes is made of numbers, our own
 * markup and what {@link AnsiRenderer} returned.
 *
 * <p>The id of the block and of the group that a line is in depend on the line alone, so that lines
 * that come later (live, or fetched into a gap) find their place.
 */
final class LogPage {
  private final JobLog log;
  private final LogMap map;
  private final StageState state;
  private final Views views;

  LogPage(JobLog log, LogMap map, StageState state, Views views) {
    this.log = log;
    this.map = map;
    this.state = state;
    this.views = views;
  }

  /** Writes the ranges of a window, with gaps before, between and after them. */
  void write(LogWindow window, Appendable out) throws IOException {
    long next = 1;
    Iterator<LogWindow.Range> ranges = window.ranges().iterator();
    while (ranges.hasNext()) {
      LogWindow.Range range = ranges.next();
      gap(next, range.first() - 1, out);
      writeRange(range, out);
      next = range.last() + 1;
    }
    gap(next, map.lines(), out);
  }

  /** Writes one range, closing what it opens. */
  void writeRange(LogWindow.Range range, Appendable out) throws IOException {
    Blocks blocks = new Blocks(out, range);
    LogLines.render(log, map, range.first(), range.last(), blocks::line);
    blocks.close();
  }

  private void gap(long first, long last, Appendable out) throws IOException {
    if (first > last) {
      return;
    }
    out.append(
        "<div class=\"gap\" id=\"gap%d\" data-first=\"%d\" data-last=\"%d\">"
            .formatted(first, first, last));
    out.append(
        "<span>%,d lines not shown (%,d–%,d).</span> ".formatted(last - first + 1, first, last));
    long headLast = Math.min(last, first + LogWindow.RANGE_MAX - 1);
    out.append(
        "<a class=\"btn\" data-fetch href=\"?lines=%d-%d#L%d\">Show lines %,d–%,d</a></div>"
            .formatted(first, headLast, first, first, headLast));
  }

  /** One line, as it stands in a block. */
  static String lineHtml(long number, String html, String text, boolean error) {
    StringBuilder line = new StringBuilder(html.length() + 120);
    line.append("<span class=\"l").append(error ? " err\">" : "\">");
    line.append("<a id=\"L").append(number).append("\" href=\"#L").append(number);
    line.append("\" data-n=\"")
        .append(number)
        .append("\" tabindex=\"-1\" aria-hidden=\"true\"></a>");
    if (LogIndex.isOwn(text) && html.startsWith(text.substring(0, 21))) {
      line.append("<span class=\"own\"><span class=\"stamp\">")
          .append(html, 0, 21)
          .append("</span>");
      line.append(html, 21, html.length()).append("</span>");
    } else {
      line.append(html);
    }
    return line.append("\n</span>").toString();
  }

  /** The head of a group; its element is left open. */
  void openGroup(int section, boolean open, Appendable out) throws IOException {
    LogMap.Section step = map.sections().get(section);
    StageState shown = stateOf(section);
    out.append("<details id=\"g%d\"%s><summary>".formatted(section, open ? " open" : ""));
    out.append("<span class=\"gt\">").append(escape(step.title())).append("</span>");
    out.append(views.chip(shown)).append("</summary>");
  }

  private StageState stateOf(int section) {
    return section < map.sections().size() - 1 ? StageState.PASSED : state;
  }

  private boolean isOpen(int section) {
    return stateOf(section) != StageState.PASSED;
  }

  private String escape(String text) {
    return views.escape(text);
  }

  /** Keeps track of the elements that are open. */
  private final class Blocks {
    private final Appendable out;
    private final LogWindow.Range range;
    private int group = -1;
    private long block = -1;

    private Blocks(Appendable out, LogWindow.Range range) {
      this.out = out;
      this.range = range;
    }

    private void line(long number, String html, String text) throws IOException {
      if (map.isRecipe(number)) {
        return;
      }
      int section = map.sectionOf(number);
      if (section != group) {
        closeBlock();
        closeGroup();
        openGroup(
            section, isOpen(section) || range.first() > map.sections().get(section).line(), out);
        group = section;
      }
      if (section >= 0 && map.sections().get(section).line() == number) {
        // The heading is shown as the group's name; its number stays addressable.
        out.append("<span id=\"L%d\"></span>".formatted(number));
        return;
      }
      long start = map.blockOf(number);
      if (start != block) {
        closeBlock();
        openBlock(start);
      }
      out.append(
          lineHtml(
              number,
              html,
              text,
              state == StageState.FAILED && map.errorLine().filter(e -> e == number).isPresent()));
    }

    private void openBlock(long start) throws IOException {
      block = start;
      long next = (start - 1) / LogMap.MARK_LINES * LogMap.MARK_LINES + LogMap.MARK_LINES + 1;
      int section = map.sectionOf(start);
      if (section + 1 < map.sections().size()) {
        next = Math.min(next, map.sections().get(section + 1).line());
      }
      long lines = Math.min(next, map.lines() + 1) - start;
      out.append(
          "<pre id=\"p%d\"%s>"
              .formatted(start, lines < LogMap.MARK_LINES ? " class=\"short\"" : ""));
    }

    private void closeBlock() throws IOException {
      if (block >= 0) {
        out.append("</pre>");
        block = -1;
      }
    }

    private void closeGroup() throws IOException {
      if (group >= 0) {
        out.append("</details>");
        group = -1;
      }
    }

    private void close() throws IOException {
      closeBlock();
      closeGroup();
    }
  }

  /** The window as one string, for pages that are not streamed. */
  String render(LogWindow window) {
    StringBuilder out = new StringBuilder();
    try {
      write(window, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }
}
