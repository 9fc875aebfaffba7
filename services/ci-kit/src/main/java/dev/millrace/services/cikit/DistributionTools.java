package dev.millrace.services.cikit;

import dev.millrace.ocaml.Distribution;
import dev.millrace.ocaml.OcamlVersion;
import java.util.List;
import java.util.Optional;

/** OCaml tools that distributions package themselves, as data. */
final class DistributionTools {
  private static final List<Tool> TOOLS =
      List.of(
          new Tool(Distribution.DEBIAN_13.tag(), "ocamlformat", "ocamlformat", "0.27.0"),
          new Tool(Distribution.DEBIAN_13.tag(), "odoc", "ocaml-odoc", "3.0.0"),
          new Tool(Distribution.DEBIAN_12.tag(), "odoc", "ocaml-odoc", "2.1.1"));

  private DistributionTools() {}

  /**
   * A tool that a distribution packages.
   *
   * @param distribution the distribution's tag
   * @param name what opam calls the tool
   * @param systemPackage what the distribution calls it
   * @param version the version that it has there
   */
  record Tool(String distribution, String name, String systemPackage, String version) {}

  static Optional<Tool> find(String distribution, String name) {
    return TOOLS.stream()
        .filter(tool -> tool.distribution().equals(distribution) && tool.name().equals(name))
        .findFirst();
  }

  /**
   * Whether what the distribution's own compiler made and what this one makes can be read by the
   * same tools: their series is the same.
   */
  static boolean sharesCompilerFormat(String distribution, OcamlVersion ocaml) {
    return Distribution.find(distribution)
        .flatMap(Distribution::packagedOcaml)
        .filter(own -> own.justMajorAndMinor().equals(ocaml.withoutVariant().justMajorAndMinor()))
        .isPresent();
  }
}
