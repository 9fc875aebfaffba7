package dev.millrace.services.cikit;

import dev.millrace.opam.Condition;
import dev.millrace.opam.Dependency;
import dev.millrace.opam.Filter;
import dev.millrace.opam.OpamFile;
import dev.millrace.opam.PackageVersion;

/**
 * Tells which of a project's packages a platform allows, before anything is solved: a package is
 * left out where it says that it is not available, or that it does not work with the platform's
 * compiler.
 */
final class Compatibility {
  private Compatibility() {}

  static boolean allows(PlatformVariables variables, OpamFile file) {
    // Undefined counts as available here: the solver will say more.
    return file.available().evalToBoolean(variables.environment(), true)
        && file.depends()
            .eval(dependency -> allows(PackageVersion.parse(variables.ocamlVersion()), dependency));
  }

  /** Only comparisons of the package "ocaml" with literal versions are looked at. */
  private static boolean allows(PackageVersion ocaml, Dependency dependency) {
    return !dependency.name().text().equals("ocaml")
        || dependency
            .condition()
            .eval(
                condition ->
                    !(condition instanceof Condition.Version(var op, Filter.Text(var text)))
                        || PackageVersion.find(text)
                            .map(version -> op.holds(ocaml.compareTo(version)))
                            .orElse(true));
  }
}
