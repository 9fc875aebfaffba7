package dev.millrace.builder;

import java.util.regex.Pattern;

/**
 * Names a committed snapshot: what a step, or the import of a base, left behind. The SHA-256 of
 * everything that decided it.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record SnapshotId(String hex) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  /** Checks the form. */
  public SnapshotId {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "Cannot read snapshot id \"%s\": expected 64 hexadecimal digits".formatted(hex));
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
