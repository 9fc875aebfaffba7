package dev.millrace.engine.web.spi;

/**
 * Somebody who has signed in.
 *
 * @param id tells users of all sign-ons apart, and stands in logs: {@code github:mia}
 * @param name how pages call the user
 */
public record User(String id, String name) {
  private static final int CHARS_MAX = 200;

  /** Checks. */
  public User {
    if (!id.matches("[\\x21-\\x7e]*")) {
      throw new IllegalArgumentException(
          "A user's id must be of letters, digits and signs of ASCII: it stands in logs");
    }
    if (id.isBlank() || id.length() > CHARS_MAX || name.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "A user's id must have 1 to %d characters and the name at most as many, were \"%s\" and \"%s\""
              .formatted(CHARS_MAX, id, name));
    }
  }
}
