package dev.millrace.plugins.git;

/** Names and texts out of repositories, made fit for one line of a message. */
final class Printable {
  private static final int LENGTH_MAX = 200;

  private Printable() {}

  /** The text without control characters, shortened if it is long. */
  static String of(String text) {
    String line =
        text.length() <= LENGTH_MAX
            ? text
            : text.substring(0, LENGTH_MAX / 2)
                + "…"
                + text.substring(text.length() - LENGTH_MAX / 2);
    return line.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?");
  }
}
