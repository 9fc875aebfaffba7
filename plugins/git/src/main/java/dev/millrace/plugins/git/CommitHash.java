package dev.millrace.plugins.git;

import java.util.regex.Pattern;

/**
 * The name of a git object.
 *
 * @param hex 40 lower-case hexadecimal digits
 */
public record CommitHash(String hex) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{40}");

  /** Checks the form. */
  public CommitHash {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "Cannot read commit \"%s\": expected 40 lower-case hexadecimal digits".formatted(hex));
    }
  }

  /** The first seven digits, for people. */
  public String shortened() {
    return hex.substring(0, 7);
  }

  @Override
  public String toString() {
    return hex;
  }
}
