package dev.millrace.services.solver;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Tells how a request goes, in the words and lines of the original's log. Thread-safe, if who
 * listens is.
 */
final class RequestLog {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm.ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Where a line of several words ends. */
  private static final int LINE_MAX = 77;

  private final InstantSource clock;
  private final Consumer<String> listener;

  RequestLog(InstantSource clock, Consumer<String> listener) {
    this.clock = clock;
    this.listener = listener;
  }

  void info(String text) {
    listener.accept(head() + text);
  }

  /** Words that are filled into lines, all of which begin where the first word does. */
  void info(String before, List<String> words, String after) {
    StringBuilder text = new StringBuilder(head()).append(before);
    int indent = text.length();
    int column = indent;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (i > 0 && column + 1 + word.length() > LINE_MAX) {
        text.append('\n').repeat(' ', indent);
        column = indent;
      } else if (i > 0) {
        text.append(' ');
        column++;
      }
      text.append(word);
      column += word.length();
    }
    listener.accept(text.append(after).toString());
  }

  private String head() {
    return TIME.format(clock.instant()) + " [INFO] ";
  }
}
