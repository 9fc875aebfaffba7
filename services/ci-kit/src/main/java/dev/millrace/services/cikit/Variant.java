package dev.millrace.services.cikit;

import dev.millrace.ocaml.Architecture;
import dev.millrace.ocaml.OcamlVersion;
import dev.millrace.ocaml.OperatingSystem;
import java.util.Comparator;

/**
 * Which distribution, compiler, architecture and opam something is built with. Its text, such as
 * {@code debian-13-5.3_opam-2.3} or {@code debian-12-4.14+flambda_arm64_opam-2.5}, is the label of
 * the job; 64-bit x86 is not mentioned in it. Ordered by its text's parts. Immutable.
 *
 * @param distribution as in image tags, such as {@code debian-13}
 * @param ocaml the compiler, usually major and minor only
 * @param architecture what it runs on
 * @param opam which opam
 */
public record Variant(
    String distribution, OcamlVersion ocaml, Architecture architecture, OpamVersion opam)
    implements Comparable<Variant> {
  private static final String OPAM_MARK = "_opam-";

  private static final Comparator<Variant> ORDER =
      Comparator.comparing(Variant::distribution)
          .thenComparing(Variant::ocaml)
          .thenComparing(Variant::architecture)
          .thenComparing(Variant::opam);

  /** Checks that the distribution can stand in a label. */
  public Variant {
    if (!distribution.matches("[a-z0-9][a-z0-9.-]*")) {
      throw new IllegalArgumentException(
          "Distribution \"%s\" must be lower-case letters, digits, dots and dashes"
              .formatted(distribution));
    }
  }

  /**
   * Reads the text form: split at the last {@code _opam-}, then at the first {@code _}, then at the
   * last {@code -}.
   *
   * @throws IllegalArgumentException if a part is missing or not known
   */
  public static Variant parse(String text) {
    int opamAt = text.lastIndexOf(OPAM_MARK);
    if (opamAt < 0) {
      throw unreadable(text, "it must end in _opam-VERSION");
    }
    String front = text.substring(0, opamAt);
    int archAt = front.indexOf('_');
    String name = archAt < 0 ? front : front.substring(0, archAt);
    String archName = archAt < 0 ? Architecture.AMD64.opamName() : front.substring(archAt + 1);
    int dash = name.lastIndexOf('-');
    if (dash < 1) {
      throw unreadable(text, "it must start with DISTRIBUTION-OCAML");
    }
    try {
      return new Variant(
          name.substring(0, dash),
          OcamlVersion.parse(name.substring(dash + 1)),
          Architecture.findOpamName(archName)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "Unknown architecture \"%s\"".formatted(archName))),
          OpamVersion.parse(text.substring(opamAt + OPAM_MARK.length())));
    } catch (IllegalArgumentException e) {
      throw unreadable(text, String.valueOf(e.getMessage()));
    }
  }

  /** The operating system, told from the distribution's name. */
  public OperatingSystem os() {
    return OperatingSystem.ofDistribution(distribution);
  }

  /** Whether it is 64-bit x86 Linux, which lints and lower bounds run on. */
  boolean isMainstream() {
    return os() == OperatingSystem.LINUX && architecture == Architecture.AMD64;
  }

  @Override
  public int compareTo(Variant other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return distribution
        + "-"
        + ocaml
        + (architecture == Architecture.AMD64 ? "" : "_" + architecture.opamName())
        + OPAM_MARK
        + opam;
  }

  private static IllegalArgumentException unreadable(String text, String why) {
    return new IllegalArgumentException(
        "Cannot read variant \"%s\": %s. An example: debian-13-5.3_opam-2.3".formatted(text, why));
  }
}
