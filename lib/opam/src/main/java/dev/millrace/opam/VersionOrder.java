package dev.millrace.opam;

/** The order of versions, on any two strings: filters compare what is no version, too. */
final class VersionOrder {
  private VersionOrder() {}

  static int compare(String left, String right) {
    if (left.equals(right)) {
      return 0;
    }
    int leftCut = cut(left);
    int rightCut = cut(right);
    int heads = compare(left, 0, leftCut, right, 0, rightCut);
    return heads != 0
        ? heads
        : compare(
            left,
            Math.min(leftCut + 1, left.length()),
            left.length(),
            right,
            Math.min(rightCut + 1, right.length()),
            right.length());
  }

  private static int cut(String text) {
    int dash = text.lastIndexOf('-');
    return dash < 0 ? text.length() : dash;
  }

  private static int compare(String a, int i, int aEnd, String b, int j, int bEnd) {
    while (true) {
      while (i < aEnd && j < bEnd && !(Ascii.isDigit(a.charAt(i)) && Ascii.isDigit(b.charAt(j)))) {
        int difference = Integer.compare(rank(a.charAt(i)), rank(b.charAt(j)));
        if (difference != 0) {
          return difference;
        }
        i++;
        j++;
      }
      if (i >= aEnd) {
        return -remainder(b, j, bEnd);
      }
      if (j >= bEnd) {
        return remainder(a, i, aEnd);
      }
      i = skipZeros(a, i, aEnd);
      j = skipZeros(b, j, bEnd);
      int aRun = digits(a, i, aEnd);
      int bRun = digits(b, j, bEnd);
      if (aRun != bRun) {
        return Integer.compare(aRun, bRun);
      }
      for (int k = 0; k < aRun; k++) {
        int difference = Character.compare(a.charAt(i + k), b.charAt(j + k));
        if (difference != 0) {
          return difference;
        }
      }
      i += aRun;
      j += bRun;
    }
  }

  /** Returns how text that goes on from {@code i} compares with text that has ended. */
  private static int remainder(String text, int i, int end) {
    int from = skipZeros(text, i, end);
    if (from >= end) {
      return 0;
    }
    return text.charAt(from) == '~' ? -1 : 1;
  }

  private static int skipZeros(String text, int from, int end) {
    int i = from;
    while (i < end && text.charAt(i) == '0') {
      i++;
    }
    return i;
  }

  private static int digits(String text, int from, int end) {
    int i = from;
    while (i < end && Ascii.isDigit(text.charAt(i))) {
      i++;
    }
    return i - from;
  }

  /** Orders {@code ~} before digits (where a number meets a word), letters, and all the rest. */
  private static int rank(char c) {
    if (c == '~') {
      return -1;
    }
    if (Ascii.isDigit(c)) {
      return 0;
    }
    return Ascii.isLetter(c) ? c : c + 0x10000;
  }
}
