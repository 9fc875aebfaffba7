package dev.millrace.solver;

import dev.millrace.opam.Formula;
import dev.millrace.opam.VersionConstraint;
import java.util.List;

/**
 * What an implementation asks of a role.
 *
 * @param essential whether the role must have an implementation; otherwise it only matters if it
 *     has one
 * @param restrictions what that implementation must meet
 */
record Requirement(Role role, boolean essential, List<Restriction> restrictions) {
  Requirement {
    restrictions = List.copyOf(restrictions);
  }

  /** Whether all restrictions are met. */
  boolean isMetBy(Implementation implementation) {
    return firstViolation(implementation) == null;
  }

  @org.jspecify.annotations.Nullable
  Restriction firstViolation(Implementation implementation) {
    for (Restriction restriction : restrictions) {
      if (!restriction.isMetBy(implementation)) {
        return restriction;
      }
    }
    return null;
  }

  /**
   * A condition on versions.
   *
   * @param ensures whether the versions must be among these; otherwise they must not (the empty
   *     formula stands for all versions)
   */
  record Restriction(boolean ensures, Formula<VersionConstraint> versions) {
    boolean isMetBy(Implementation implementation) {
      return switch (implementation) {
        case Implementation.Version version ->
            version.pkg().version().satisfies(versions) == ensures;
        case Implementation.Alternative _, Implementation.Dummy _ -> true;
      };
    }
  }
}
