package dev.millrace.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names bytes by their SHA-256, the one algorithm that registries use.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
  private static final String PREFIX = "sha256:";

  /** Checks the form. */
  public Digest {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "Cannot read digest \"%s\": expected 64 hexadecimal digits".formatted(hex));
    }
  }

  /**
   * Reads {@code sha256:HEX}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Digest parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "Cannot read digest \"%s\": expected sha256: and 64 hexadecimal digits".formatted(text));
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] bytes) {
    return finished(sha256().digest(bytes));
  }

  static Digest finished(byte[] hash) {
    return new Digest(HexFormat.of().formatHex(hash));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
