package dev.millrace.opam;

import java.util.Locale;
import java.util.Optional;

/** A checksum of an archive or file: {@code sha256=…}. */
public record OpamHash(Kind kind, String hex) {
  /** The hash functions, from weakest to strongest. */
  public enum Kind {
    /** 128 bits, in old packages. */
    MD5(32, "MD5"),
    /** 256 bits. */
    SHA256(64, "SHA-256"),
    /** 512 bits. */
    SHA512(128, "SHA-512");

    private final int hexLength;
    private final String algorithm;

    Kind(int hexLength, String algorithm) {
      this.hexLength = hexLength;
      this.algorithm = algorithm;
    }

    /** Returns the name by which {@link java.security.MessageDigest} knows the function. */
    public String algorithm() {
      return algorithm;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the digits and makes them lower-case. */
  public OpamHash {
    hex = hex.toLowerCase(Locale.ROOT);
    if (!isHex(kind, hex)) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as a %s checksum: it must be %d hexadecimal digits"
              .formatted(hex, kind, kind.hexLength));
    }
  }

  private static boolean isHex(Kind kind, String hex) {
    return hex.length() == kind.hexLength
        && hex.chars().allMatch(c -> Ascii.isDigit(c) || (c >= 'a' && c <= 'f'));
  }

  /**
   * Returns the checksum that a text like {@code sha256=…} names; digits alone are MD5.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static OpamHash parse(String text) {
    return find(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot use \"%s\" as a checksum: it must be md5=, sha256= or sha512= and the hexadecimal digits"
                        .formatted(text)));
  }

  /** Returns the checksum that a text names, if it is one. */
  public static Optional<OpamHash> find(String text) {
    int sign = text.indexOf('=');
    String prefix = sign < 0 ? "md5" : text.substring(0, sign).toLowerCase(Locale.ROOT);
    String hex = text.substring(sign + 1).toLowerCase(Locale.ROOT);
    for (Kind kind : Kind.values()) {
      if (kind.toString().equals(prefix) && isHex(kind, hex)) {
        return Optional.of(new OpamHash(kind, hex));
      }
    }
    return Optional.empty();
  }

  /** Returns where archive mirrors and caches keep the file: {@code sha256/ab/abcd…}. */
  public String mirrorPath() {
    return kind + "/" + hex.substring(0, 2) + "/" + hex;
  }

  @Override
  public String toString() {
    return kind + "=" + hex;
  }
}
