package dev.millrace.engine.core;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A log as rules see it: what a reader sees, without colours and other sequences for terminals.
 * Immutable.
 *
 * <p>Matching takes time in proportion to the text and the size of the pattern (RE2/J never goes
 * back), both bounded: of a long log the first and the last megabytes count. It is done in windows
 * that overlap, and asks after each whether time is left, so that it can be given up; a match that
 * is longer than the overlap may be cut.
 */
final class LogAnalysis {
  private static final int HEAD_MAX = 4 << 20;
  private static final int TAIL_MAX = 12 << 20;
  private static final int CHUNK = 256 << 10;
  private static final int WINDOW = 64 << 10;
  private static final int OVERLAP = 8 << 10;
  private static final int TEXT_MAX = 1000;
  private static final int REPORT_MAX = 4000;

  // Colours and other control sequences, the texts between their ends, single escapes, and what
  // stands for nothing that can be seen.
  private static final java.util.regex.Pattern UNSEEN =
      java.util.regex.Pattern.compile(
          "\u001b\\[[0-?]*+[ -/]*+[@-~]|\u001b\\][^\u0007\u001b\n]*+(?:\u0007|\u001b\\\\)?|\u001b[@-Z\\\\-_=>c]|\r(?=\n)");

  private final List<Part> parts;

  /** A part of the log without a gap; {@code counted} if it begins with line 1. */
  private record Part(String text, boolean counted) {}

  /** Where a pattern was found; {@code at} orders the places within one log. */
  record Found(LogMatch match, long at) {}

  private LogAnalysis(List<Part> parts) {
    this.parts = parts;
  }

  /** Reads as much of the log as counts. */
  static LogAnalysis of(JobLog log) throws IOException {
    long size = log.size();
    if (size <= HEAD_MAX + TAIL_MAX) {
      return new LogAnalysis(List.of(new Part(seen(log, 0, (int) size), true)));
    }
    return new LogAnalysis(
        List.of(
            new Part(seen(log, 0, HEAD_MAX), true),
            new Part(seen(log, size - TAIL_MAX, TAIL_MAX), false)));
  }

  private static String seen(JobLog log, long from, int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(length);
    while (bytes.size() < length) {
      byte[] chunk = log.read(from + bytes.size(), Math.min(CHUNK, length - bytes.size()));
      if (chunk.length == 0) {
        break;
      }
      bytes.writeBytes(chunk);
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    return UNSEEN.matcher(text).replaceAll("").replace('\0', '\ufffd');
  }

  /** Where a rule first matches, unless the time is over before that. */
  Optional<Found> find(LogRule rule, Pattern pattern, Deadline deadline) {
    long before = 0;
    for (Part part : parts) {
      Optional<Found> found = find(rule, pattern, part, before, deadline);
      if (found.isPresent()) {
        return found;
      }
      before += part.text.length();
    }
    return Optional.empty();
  }

  // Virtual threads share few carriers, and nobody takes one away from a thread that computes.
  @SuppressWarnings("ThreadPriorityCheck")
  private static Optional<Found> find(
      LogRule rule, Pattern pattern, Part part, long before, Deadline deadline) {
    String text = part.text;
    int start = 0;
    while (start < text.length() && !deadline.isOver()) {
      int end = windowEnd(text, start);
      Matcher matcher = pattern.matcher(text.substring(start, end));
      if (matcher.find()) {
        int at = start + matcher.start();
        return Optional.of(new Found(match(rule, matcher, part, at), before + at));
      }
      Thread.yield();
      start = end == text.length() ? end : nextStart(text, start, end);
    }
    return Optional.empty();
  }

  /** After a line's end, if there is one in the window. */
  private static int windowEnd(String text, int start) {
    if (text.length() - start <= WINDOW) {
      return text.length();
    }
    int line = text.lastIndexOf('\n', start + WINDOW - 1) + 1;
    return line > start + OVERLAP ? line : start + WINDOW;
  }

  /** Where a line begins, if one does in the overlap: {@code ^} must not match elsewhere. */
  private static int nextStart(String text, int start, int end) {
    int line = text.lastIndexOf('\n', end - OVERLAP) + 1;
    return line > start ? line : Math.max(start + 1, end - OVERLAP);
  }

  private static LogMatch match(LogRule rule, Matcher matcher, Part part, int at) {
    List<String> groups = new ArrayList<>();
    for (int i = 1; i <= matcher.groupCount(); i++) {
      groups.add(Optional.ofNullable(matcher.group(i)).orElse(""));
    }
    String text = matcher.group();
    return new LogMatch(
        clip(text.strip(), TEXT_MAX),
        groups.stream().map(group -> clip(group, TEXT_MAX)).toList(),
        report(rule.report(), text, groups),
        part.counted ? Optional.of(lineOf(part.text, at, text)) : Optional.empty());
  }

  /** Many patterns begin with the end of the line before. */
  private static long lineOf(String text, int at, String match) {
    int begin = at;
    for (int i = 0; i < match.length() && match.charAt(i) == '\n'; i++) {
      begin++;
    }
    return 1 + text.chars().limit(begin).filter(c -> c == '\n').count();
  }

  private static String report(String report, String match, List<String> groups) {
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < report.length() && text.length() < REPORT_MAX) {
      char c = report.charAt(i++);
      int digits = i;
      while (c == '\\' && digits < report.length() && isDigit(report.charAt(digits))) {
        digits++;
      }
      if (digits == i) {
        text.append(c);
        continue;
      }
      String number = report.substring(i, digits);
      text.append(group(number, match, groups));
      i = digits;
    }
    return clip(text.toString().strip(), REPORT_MAX);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static String group(String number, String match, List<String> groups) {
    int index = number.length() > 4 ? Integer.MAX_VALUE : Integer.parseInt(number);
    if (index == 0) {
      return match.strip();
    }
    return index <= groups.size()
        ? groups.get(index - 1)
        : "[the rule names group %s, but its pattern has %d]".formatted(number, groups.size());
  }

  private static String clip(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max - 1) + "…";
  }
}
