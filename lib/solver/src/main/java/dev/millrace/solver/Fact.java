package dev.millrace.solver;

import dev.millrace.opam.PackageName;

/** One of the things that together leave no solution, and without which there may be one. */
sealed interface Fact {
  /** The request wants a package. */
  record Wanted(PackageName name) implements Fact {}

  /** The request allows a package in some versions only. */
  record Constrained(PackageName name) implements Fact {}

  /** Versions of a package are not available on the platform. */
  record Unavailable(PackageName name) implements Fact {}

  /** Versions of a package need another, or one of several: {@code target} as it is shown. */
  record Needs(PackageName from, String target) implements Fact {}

  /** Versions of a package do not go with some of another. */
  record Excludes(PackageName from, String target) implements Fact {}

  /** At most one package of a conflict class may be installed. */
  record OneOfClass(String name) implements Fact {}

  /** The fact that a version's requirement is part of. */
  static Fact of(Implementation.Version version, Requirement requirement) {
    String target = requirement.role().toString();
    return requirement.essential()
        ? new Needs(version.pkg().name(), target)
        : new Excludes(version.pkg().name(), target);
  }
}
