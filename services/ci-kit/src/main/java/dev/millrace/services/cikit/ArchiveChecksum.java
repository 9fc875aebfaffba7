package dev.millrace.services.cikit;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.Locale;

/**
 * What a downloaded file must hash to, such as {@code sha256=…}. Ordered from strong to weak.
 *
 * @param algorithm how it is computed
 * @param hex its value, in lower case
 */
public record ArchiveChecksum(Algorithm algorithm, String hex)
    implements Comparable<ArchiveChecksum> {
  /** The ways that opam knows, strongest first. */
  public enum Algorithm {
    /** 512 bits. */
    SHA512("SHA-512", 128),
    /** 256 bits. */
    SHA256("SHA-256", 64),
    /** 128 bits; protects from damage, not from malice. */
    MD5("MD5", 32);

    private final String javaName;
    private final int digits;

    Algorithm(String javaName, int digits) {
      this.javaName = javaName;
      this.digits = digits;
    }

    MessageDigest digest() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every JDK has " + javaName, e);
      }
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the digits, and brings them to lower case. */
  public ArchiveChecksum {
    hex = hex.toLowerCase(Locale.ROOT);
    // INVARIANT: only hexadecimal digits: the value becomes a path.
    if (hex.length() != algorithm.digits || !hex.matches("[0-9a-f]+")) {
      throw new IllegalArgumentException(
          "A %s checksum has %d hexadecimal digits, \"%s\" has not"
              .formatted(algorithm, algorithm.digits, hex));
    }
  }

  /**
   * Reads {@code ALGORITHM=HEX}; 32 digits alone are md5.
   *
   * @throws IllegalArgumentException if it is not such a text
   */
  public static ArchiveChecksum parse(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? "md5" : text.substring(0, equals);
    for (Algorithm algorithm : Algorithm.values()) {
      if (algorithm.toString().equals(name)) {
        return new ArchiveChecksum(algorithm, text.substring(equals + 1));
      }
    }
    throw new IllegalArgumentException(
        "Cannot read checksum \"%s\": expected md5=, sha256= or sha512= and hexadecimal digits"
            .formatted(text));
  }

  /** Where it stands in the layout of opam's archive mirrors. */
  Path path() {
    return Path.of(algorithm.toString(), hex.substring(0, 2), hex);
  }

  /** What a link to it contains, from the place of another checksum in the same layout. */
  Path linkTarget() {
    return Path.of("..", "..").resolve(path());
  }

  @Override
  public int compareTo(ArchiveChecksum other) {
    return Comparator.comparing(ArchiveChecksum::algorithm)
        .thenComparing(ArchiveChecksum::hex)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return algorithm + "=" + hex;
  }
}
