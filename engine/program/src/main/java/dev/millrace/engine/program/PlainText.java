package dev.millrace.engine.program;

import java.util.regex.Pattern;

/**
 * Makes a build's output safe to print on somebody's terminal: text, without anything that steers
 * the terminal.
 */
public final class PlainText {
  /**
   * Control sequences (CSI), operating system commands (OSC) up to their end, and other escapes.
   */
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|[ -/]*[0-~])?");

  /** What is left of C0 and C1 but tab, and what turns the direction of text around. */
  private static final Pattern CONTROLS =
      Pattern.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]");

  private PlainText() {}

  /** The text of one line. A carriage return hides what was before it, as a terminal shows it. */
  public static String of(String line) {
    String text = ESCAPES.matcher(line).replaceAll("");
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\r') {
      end--;
    }
    text = text.substring(text.lastIndexOf('\r', end - 1) + 1, end);
    return CONTROLS.matcher(text).replaceAll("");
  }
}
