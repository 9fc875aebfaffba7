package dev.millrace.base;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A value that must not be printed: a token, a password, a key.
 *
 * <p>Its {@link #toString} is redacted, so that a log line or an error message cannot give it away
 * by accident. Immutable.
 */
public final class Secret {
  /** The largest file that {@link #readFrom} takes, in bytes. */
  public static final int BYTES_MAX = 1 << 20;

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /** A secret with this value, which may be empty. */
  public static Secret of(String value) {
    return new Secret(requireNonNull(value));
  }

  /**
   * Reads a secret from a file, without the white space at its end.
   *
   * @throws IOException if the file cannot be read or is larger than {@link #BYTES_MAX}
   */
  public static Secret readFrom(Path file) throws IOException {
    long size = Files.size(file);
    if (size > BYTES_MAX) {
      throw new IOException(
          "Cannot read a secret from \"%s\": it has %d bytes, at most %d are accepted"
              .formatted(file, size, BYTES_MAX));
    }
    return new Secret(Files.readString(file).stripTrailing());
  }

  /** The value itself; the caller must not print or store it. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "Secret[redacted]";
  }
}
