package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.ocaml.Distribution;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say for which platform versions are picked, for all commands that do. */
final class PlatformOptions {
  /** What opam of today's Debian is. */
  private static final String OPAM_VERSION = "2.3";

  @Option(
      names = "--ocaml",
      paramLabel = "VERSION",
      description = "With this version of the package ocaml, where anything needs it.")
  private @Nullable String ocaml;

  @Option(
      names = "--distro",
      paramLabel = "NAME",
      defaultValue = "debian-13",
      description = "On this distribution, such as debian-13 (default: ${DEFAULT-VALUE}).")
  private String distribution;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      defaultValue = "x86_64",
      description = "On this architecture, as opam calls it (default: ${DEFAULT-VALUE}).")
  private String architecture;

  @Option(
      names = "--os",
      paramLabel = "NAME",
      defaultValue = "linux",
      description =
          "On this operating system: linux, macos, freebsd, win32 … (default: ${DEFAULT-VALUE}).")
  private String os;

  @Option(
      names = "--opam-version",
      paramLabel = "VERSION",
      defaultValue = OPAM_VERSION,
      description = "With this version of opam (default: ${DEFAULT-VALUE}).")
  private String opamVersion;

  @Option(
      names = "--variable",
      paramLabel = "NAME=VALUE",
      description = "With this value of a variable of opam (may be repeated).")
  private Map<String, String> variables = Map.of();

  /** What the options are where only the architecture is said. */
  static PlatformOptions of(String architecture) {
    PlatformOptions options = new PlatformOptions();
    options.architecture = architecture;
    options.os = "linux";
    options.opamVersion = OPAM_VERSION;
    return options;
  }

  /** The variables of opam there. */
  Map<String, String> variables() {
    return variables(distribution);
  }

  /** The variables of opam there, on another distribution. */
  Map<String, String> variables(String distro) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("arch", architecture);
    values.put("os", os);
    Optional<Distribution> known =
        os.equals("linux") ? Distribution.find(distro) : Optional.empty();
    if (known.isPresent()) {
      values.put("os-distribution", known.get().osDistribution());
      values.put("os-family", known.get().osFamily());
      known.get().osVersion().ifPresent(version -> values.put("os-version", version));
    } else {
      addUnknown(distro, values);
    }
    values.put("opam-version", opamVersion);
    values.putAll(variables);
    return values;
  }

  /** What opam says where this is not one of the distributions that we know. */
  private void addUnknown(String distro, Map<String, String> values) {
    String family =
        switch (os) {
          case "macos" -> "homebrew";
          case "freebsd", "openbsd", "netbsd", "dragonfly" -> "bsd";
          case "win32", "cygwin" -> "windows";
          default -> "";
        };
    if (!family.isEmpty()) {
      values.put(
          "os-distribution", os.equals("macos") ? "homebrew" : os.equals("win32") ? "cygwin" : os);
      values.put("os-family", family);
      return;
    }
    int dash = distro.lastIndexOf('-');
    String name = dash < 0 ? distro : distro.substring(0, dash);
    values.put("os-distribution", name);
    values.put(
        "os-family",
        Distribution.ACTIVE.stream()
            .filter(similar -> similar.osDistribution().equals(name))
            .map(Distribution::osFamily)
            .findFirst()
            .orElse(name));
    if (dash >= 0) {
      values.put("os-version", distro.substring(dash + 1));
    }
  }

  /** What versions are asked for. */
  Map<PackageName, VersionConstraint> constraints() {
    return ocaml == null ? Map.of() : constraints(ocaml);
  }

  static Map<PackageName, VersionConstraint> constraints(String ocaml) {
    return Map.of(
        PackageName.parse("ocaml"), new VersionConstraint(Relop.EQ, parse("--ocaml", ocaml)));
  }

  private static PackageVersion parse(String option, String version) {
    try {
      return PackageVersion.parse(version);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(option + ": " + e.getMessage());
    }
  }
}
