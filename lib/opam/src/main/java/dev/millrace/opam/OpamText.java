package dev.millrace.opam;

import java.nio.charset.StandardCharsets;

/**
 * Turns the bytes of opam files into strings and back without loss.
 *
 * <p>Text is UTF-8. A byte that is not part of valid UTF-8 becomes the lone surrogate {@code U+DC00
 * + byte}, which valid UTF-8 never yields, and turns back into that byte.
 */
public final class OpamText {
  private OpamText() {}

  /** Returns the bytes as text. */
  public static String decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  static String decode(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0) {
        return decodeWide(bytes, from, to);
      }
    }
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static String decodeWide(byte[] bytes, int from, int to) {
    var text = new StringBuilder(to - from);
    int i = from;
    while (i < to) {
      int length = sequenceLength(bytes, i, to);
      if (length == 0) {
        text.append((char) (0xDC00 + (bytes[i] & 0xFF)));
        i++;
      } else {
        text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
        i += length;
      }
    }
    return text.toString();
  }

  /** Returns the length of the valid UTF-8 sequence at {@code at}, or 0 when there is none. */
  private static int sequenceLength(byte[] bytes, int at, int to) {
    int first = bytes[at] & 0xFF;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + length > to) {
      return 0;
    }
    for (int i = 1; i < length; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    int second = bytes[at + 1] & 0xFF;
    boolean overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    boolean surrogate = first == 0xED && second >= 0xA0;
    boolean tooLarge = first == 0xF4 && second >= 0x90;
    return overlong || surrogate || tooLarge ? 0 : length;
  }

  /** Returns the bytes of a text that {@link #decode} made, or of any other text in UTF-8. */
  public static byte[] encode(String text) {
    if (text.chars().noneMatch(c -> c >= 0xDC80 && c <= 0xDCFF)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    var bytes = new java.io.ByteArrayOutputStream(text.length());
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c >= 0xDC80 && c <= 0xDCFF) {
        bytes.write(c - 0xDC00);
      } else {
        bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
      }
      i += Character.charCount(c);
    }
    return bytes.toByteArray();
  }
}
