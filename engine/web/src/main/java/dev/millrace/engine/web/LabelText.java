package dev.millrace.engine.web;

/** Names and reasons that others wrote: safe to look at, shortened where long, and how wide. */
final class LabelText {
  private static final int CHARS_MAX = 34;
  private static final String NARROW = "iljtfrI.,:;|!'()[]{} -/";
  private static final String WIDE = "mwMW@%&";

  private LabelText() {}

  /** Keeps the beginning and the end, which is where names differ. */
  static String shorten(String label) {
    return shorten(label, CHARS_MAX);
  }

  /** Also makes visible what would deceive, as {@link #visible} does. */
  static String shorten(String label, int max) {
    String shown = visible(label);
    int[] points = shown.codePoints().toArray();
    if (points.length <= max) {
      return shown;
    }
    int head = (max - 1) / 2;
    int tail = max - 1 - head;
    return new String(points, 0, head) + "…" + new String(points, points.length - tail, tail);
  }

  /** Keeps the beginning, which is where sentences say what they are about. */
  static String clip(String text, int max) {
    return text.codePointCount(0, text.length()) <= max
        ? text
        : text.substring(0, text.offsetByCodePoints(0, max - 1)) + "…";
  }

  /** The text with a mark in place of each character that hides or reorders what is around it. */
  static String visible(String text) {
    if (text.codePoints().noneMatch(c -> isDeceptive(c) || isControl(c))) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isControl(c)) {
                shown.append(c == 0x7f ? '\u2421' : (char) (0x2400 + c));
              } else if (isDeceptive(c)) {
                shown.append("U+%04X".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }

  private static boolean isControl(int c) {
    return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
  }

  /**
   * Controls beyond ASCII, separators, reordering marks, halves of characters, invisible ones, and
   * those that are none, which XML does not allow.
   */
  static boolean isDeceptive(int c) {
    return (c >= 0x80 && c <= 0x9f)
        || c == 0x061c
        || c == 0x200b
        || c == 0x200e
        || c == 0x200f
        || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2060 && c <= 0x206f)
        || c == 0xfeff
        || (c >= 0xfff9 && c <= 0xfffb)
        || (c >= 0xfdd0 && c <= 0xfdef)
        || (c & 0xfffe) == 0xfffe
        || (c >= 0xE0000 && c <= 0xE0FFF)
        || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /** A generous guess: the browser's font is not known here. */
  static double width(String text, double fontSize) {
    double ems =
        text.codePoints()
            .mapToDouble(
                c ->
                    NARROW.indexOf(c) >= 0
                        ? 0.40
                        : WIDE.indexOf(c) >= 0 ? 0.95 : c > 0x2000 ? 1.0 : c < 'a' ? 0.68 : 0.6)
            .sum();
    return ems * fontSize;
  }
}
