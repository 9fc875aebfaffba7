package dev.millrace.engine.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.engine.core.JobLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The end of a failed job's log that a person wants to see first: what the step that failed
 * printed, last.
 */
final class FailureExcerpt {
  private static final int LINES_MAX = 40;
  private static final int BYTES_MAX = 64 * 1024;

  /** Compilers are called with lines of a thousand characters; what they find is on short ones. */
  private static final int CHARACTERS_MAX = 200;

  private static final Pattern OWN_LINE =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}\\.\\d{2}: .*");
  private static final String HEADING = "\u001b[01;34m";
  private static final String RESET = "\u001b[0m";

  private FailureExcerpt() {}

  /**
   * At most {@value #LINES_MAX} lines of plain text, oldest first; empty if the job printed
   * nothing.
   */
  static List<String> of(JobLog log) throws IOException {
    long start = Math.max(0, log.size() - BYTES_MAX);
    String text = new String(log.read(start, BYTES_MAX), UTF_8);
    Deque<String> lines = new ArrayDeque<>();
    boolean inHeading = false;
    for (String line : text.stripTrailing().split("\n", -1)) {
      if (inHeading || line.startsWith(HEADING)) {
        // It has several lines if the step has.
        inHeading = !line.contains(RESET);
        lines.clear();
      } else if (!OWN_LINE.matcher(line).matches()) {
        lines.addLast(cut(PlainText.of(line)));
      }
      if (lines.size() > LINES_MAX) {
        lines.removeFirst();
      }
    }
    while (!lines.isEmpty() && lines.getLast().isBlank()) {
      lines.removeLast();
    }
    while (!lines.isEmpty() && lines.getFirst().isBlank()) {
      lines.removeFirst();
    }
    return List.copyOf(lines);
  }

  private static String cut(String line) {
    return line.length() <= CHARACTERS_MAX
        ? line
        : line.substring(0, line.offsetByCodePoints(0, line.codePointCount(0, CHARACTERS_MAX)))
            + "…";
  }
}
