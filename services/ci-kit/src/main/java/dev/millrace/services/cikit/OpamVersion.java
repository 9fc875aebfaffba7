package dev.millrace.services.cikit;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A series of opam that images have and builds run with. */
public enum OpamVersion {
  /** opam 2.1: Debian 12 packages it. */
  V2_1("2.1"),
  /** opam 2.2. */
  V2_2("2.2"),
  /** opam 2.3: Debian 13 packages it. */
  V2_3("2.3"),
  /** opam 2.4. */
  V2_4("2.4"),
  /** opam 2.5: what published images are used with. */
  V2_5("2.5");

  private final String text;

  OpamVersion(String text) {
    this.text = text;
  }

  /**
   * Reads a series.
   *
   * @throws IllegalArgumentException if it is not known
   */
  public static OpamVersion parse(String text) {
    for (OpamVersion version : values()) {
      if (version.text.equals(text)) {
        return version;
      }
    }
    throw new IllegalArgumentException(
        "Unknown opam version \"%s\": expected one of %s"
            .formatted(
                text, Arrays.stream(values()).map(v -> v.text).collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return text;
  }
}
