package dev.millrace.ocaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The releases of OCaml, as data: what was released, what services build for, what is in the
 * making. Every list is in ascending order.
 */
public final class OcamlRelease {
  /** Every release, patch releases included. */
  public static final List<OcamlVersion> ALL =
      versions(
          "3.07 3.07+1 3.07+2 3.08.0 3.08.1 3.08.2 3.08.3 3.08.4 3.09.0 3.09.1 3.09.2 3.09.3 3.10.0"
              + " 3.10.1 3.10.2 3.11.0 3.11.1 3.11.2 3.12.0 3.12.1 4.00.0 4.00.1 4.01.0 4.02.0"
              + " 4.02.1 4.02.2 4.02.3 4.03.0 4.04.0 4.04.1 4.04.2 4.05.0 4.06.0 4.06.1 4.07.0"
              + " 4.07.1 4.08.0 4.08.1 4.09.0 4.09.1 4.10.0 4.10.1 4.10.2 4.11.0 4.11.1 4.11.2"
              + " 4.12.0 4.12.1 4.13.0 4.13.1 4.14.0 4.14.1 4.14.2 4.14.3 5.0.0 5.1.0 5.1.1 5.2.0"
              + " 5.2.1 5.3.0 5.4.0 5.4.1");

  /** The last patch release of each series. */
  public static final List<OcamlVersion> LAST_OF_SERIES = lastOfSeries(ALL);

  /** The last patch release of each series from 4.08 on. */
  public static final List<OcamlVersion> RECENT =
      LAST_OF_SERIES.stream().filter(v -> v.compareTo(OcamlVersion.of(4, 8)) >= 0).toList();

  /** The releases that matter to users, curated: what a CI service tests with. */
  public static final List<OcamlVersion> SIGNIFICANT = versions("4.11.2 4.14.3 5.2.1 5.3.0 5.4.1");

  /** Series under development. */
  public static final List<OcamlVersion> DEVELOPMENT = versions("5.5.0 5.6.0");

  /** Betas and release candidates of versions that are not released. */
  public static final List<OcamlVersion> UNRELEASED_BETAS = versions("5.5.0~beta1");

  /** The newest release. */
  public static final OcamlVersion LATEST = ALL.getLast();

  /** The newest development series, which follows OCaml's trunk. */
  public static final OcamlVersion TRUNK = DEVELOPMENT.getLast();

  /** The series that every platform is tested with: 4.14 and the newest release. */
  public static final List<OcamlVersion> DEFAULT_SERIES =
      List.of(OcamlVersion.of(4, 14), LATEST.justMajorAndMinor());

  private OcamlRelease() {}

  /**
   * Whether a version belongs to a series under development. A beta keeps its prerelease in this
   * comparison and so does not.
   */
  public static boolean isDevelopment(OcamlVersion version) {
    return DEVELOPMENT.stream()
        .anyMatch(dev -> dev.justMajorAndMinor().equals(version.justMajorAndMinor()));
  }

  /** The first release that runs on an architecture. */
  public static OcamlVersion firstOn(Architecture architecture) {
    return switch (architecture) {
      case I386, AMD64 -> OcamlVersion.of(3, 7);
      case ARM32, ARM64 -> OcamlVersion.of(4, 2, 3);
      case PPC64LE, S390X -> OcamlVersion.of(4, 3, 0);
      case RISCV64 -> OcamlVersion.of(4, 11, 0);
    };
  }

  /**
   * The opam package that is this compiler, as {@code name.version}.
   *
   * @throws IllegalArgumentException if the version has no patch number
   */
  public static String opamPackage(OcamlVersion version) {
    if (version.patch().isEmpty()) {
      throw new IllegalArgumentException(
          "Version %s needs a patch number to name a compiler package".formatted(version));
    }
    if (isDevelopment(version)) {
      boolean options = version.compareTo(OcamlVersion.of(4, 12)) >= 0;
      return "ocaml-variants."
          + version.withVariant(
              version.extra().isPresent() && !options ? "trunk+" + version.extra().get() : "trunk");
    }
    if (version.extra().isEmpty()) {
      return "ocaml-base-compiler." + version;
    }
    return "ocaml-variants."
        + (version.compareTo(OcamlVersion.of(4, 12)) >= 0
            ? version.withVariant("options")
            : version);
  }

  private static List<OcamlVersion> versions(String text) {
    List<OcamlVersion> versions = new ArrayList<>();
    for (String word : text.split(" ")) {
      versions.add(OcamlVersion.parse(word));
    }
    return List.copyOf(versions);
  }

  private static List<OcamlVersion> lastOfSeries(List<OcamlVersion> ascending) {
    Map<OcamlVersion, OcamlVersion> last = new LinkedHashMap<>();
    for (OcamlVersion version : ascending) {
      last.put(version.justMajorAndMinor(), version);
    }
    return last.values().stream().sorted(Comparator.naturalOrder()).toList();
  }

  /** The last release of a series, such as 5.3.0 of 5.3; empty if there is none. */
  public static Optional<OcamlVersion> lastOf(OcamlVersion series) {
    return LAST_OF_SERIES.stream()
        .filter(release -> release.justMajorAndMinor().equals(series.justMajorAndMinor()))
        .findFirst();
  }
}
