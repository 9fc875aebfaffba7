package dev.millrace.opam;

import java.util.Optional;

/**
 * A package name, ordered as opam orders them: character by character, lower-cased first; only at
 * the first difference does the case count.
 */
public record PackageName(String text) implements Comparable<PackageName> {
  /** Checks that the text can be a name. */
  public PackageName {
    if (!isLegal(text)) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as a package name: it must be made of A-Z a-z 0-9 _ + - with at least one letter"
              .formatted(text));
    }
  }

  /**
   * Returns the name of this text.
   *
   * @throws IllegalArgumentException if it has no letter, or characters that names may not have
   */
  public static PackageName parse(String text) {
    return new PackageName(text);
  }

  /** Returns the name of this text, if it is one. */
  public static Optional<PackageName> find(String text) {
    return isLegal(text) ? Optional.of(new PackageName(text)) : Optional.empty();
  }

  private static boolean isLegal(String text) {
    boolean letter = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isLetter = Ascii.isLetter(c);
      letter |= isLetter;
      if (!isLetter && !Ascii.isDigit(c) && c != '_' && c != '+' && c != '-') {
        return false;
      }
    }
    return letter;
  }

  @Override
  public int compareTo(PackageName other) {
    int shared = Math.min(text.length(), other.text.length());
    for (int i = 0; i < shared; i++) {
      char a = text.charAt(i);
      char b = other.text.charAt(i);
      if (a != b) {
        int folded = Character.compare(lower(a), lower(b));
        return folded != 0 ? folded : Character.compare(a, b);
      }
    }
    return Integer.compare(text.length(), other.text.length());
  }

  private static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
  }

  @Override
  public String toString() {
    return text;
  }
}
