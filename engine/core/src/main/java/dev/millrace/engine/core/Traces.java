package dev.millrace.engine.core;

import dev.millrace.base.StatedException;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Exceptions of other people's code as text. */
final class Traces {
  /** The most of a stack trace that is kept, in characters. */
  private static final int LENGTH_MAX = 16 * 1024;

  private Traces() {}

  /**
   * What a person is told, on one line: the message where it says all, else with the kind of
   * exception before it.
   */
  static String headline(Throwable bug) {
    String text =
        bug instanceof StatedException ? String.valueOf(bug.getMessage()) : bug.toString();
    return text.lines().findFirst().orElse(bug.getClass().getName());
  }

  /** What the first cause says, on one line. */
  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && !root.getCause().equals(root)) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? headline(root) : message.lines().findFirst().orElse(headline(root));
  }

  static String of(Throwable bug) {
    StringWriter text = new StringWriter();
    bug.printStackTrace(new PrintWriter(text));
    String all = text.toString();
    return all.length() <= LENGTH_MAX ? all : all.substring(0, LENGTH_MAX) + "\n\t... (cut)\n";
  }
}
