package dev.millrace.engine.core;

/**
 * How texts stand in the records. Not every database can keep the character U+0000; so that it
 * comes back as it was, it is written as U+0001 {@code 0}, and U+0001 itself as U+0001 {@code 1}.
 */
final class StoredText {
  private static final char MARK = '\u0001';

  private StoredText() {}

  /** What is stored. */
  static String of(String text) {
    if (text.indexOf(0) < 0 && text.indexOf(MARK) < 0) {
      return text;
    }
    return text.replace("\u0001", "\u00011").replace("\0", "\u00010");
  }

  /** What it stands for. */
  static String read(String stored) {
    if (stored.indexOf(MARK) < 0) {
      return stored;
    }
    return stored.replace("\u00010", "\0").replace("\u00011", "\u0001");
  }
}
