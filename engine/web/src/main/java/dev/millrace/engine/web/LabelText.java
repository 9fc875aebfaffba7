package dev.millrace.engine.web;

/** Labels in a diagram: how wide they are, and how long ones are shortened. */
final class LabelText {
  private static final int CHARS_MAX = 30;
  private static final String NARROW = "iljtfrI.,:;|!'()[]{} -/";
  private static final String WIDE = "mwMW@%&";

  private LabelText() {}

  /** Keeps the beginning and the end, which is where names differ. */
  static String shorten(String label) {
    return shorten(label, CHARS_MAX);
  }

  static String shorten(String label, int max) {
    int[] points = label.codePoints().toArray();
    if (points.length <= max) {
      return label;
    }
    int head = (max - 1) / 2;
    int tail = max - 1 - head;
    return new String(points, 0, head) + "…" + new String(points, points.length - tail, tail);
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
