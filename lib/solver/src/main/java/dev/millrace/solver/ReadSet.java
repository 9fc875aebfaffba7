package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.opam.RepositoryDiff.Change;
import dev.millrace.opam.RepositoryDiff.Field;
import java.util.Map;
import java.util.Set;

/**
 * What an answer was made from: as long as these are the same, so is the answer.
 *
 * <p>Of a name that was met, the list of versions was read, and of each version whether it is
 * offered (availability, conflict classes, and the flag {@code avoid-version} where it counts), but
 * for those that the request excludes by their number. What a version asks of others (its
 * dependencies and conflicts) was read only where the search tried it. Immutable.
 *
 * @param names the packages that were met, existing or not
 * @param excluded their versions that the request itself excludes
 * @param asked the versions whose dependencies and conflicts were read
 * @param avoidance whether {@code avoid-version} was looked at
 */
public record ReadSet(
    Set<PackageName> names, Set<Package> excluded, Set<Package> asked, boolean avoidance) {
  /** Copies. */
  public ReadSet {
    names = Set.copyOf(names);
    excluded = Set.copyOf(excluded);
    asked = Set.copyOf(asked);
  }

  /** Says whether anything that was read differs: only then the answer may. */
  public boolean meets(RepositoryDiff diff) {
    for (Map.Entry<Package, Change> entry : diff.changes().entrySet()) {
      if (meets(entry.getKey(), entry.getValue())) {
        return true;
      }
    }
    return false;
  }

  /** Says whether anything that was read of a version differs. */
  boolean meets(Package pkg, Change change) {
    return switch (change) {
      case Change.Added _, Change.Removed _ -> names.contains(pkg.name());
      case Change.Edited(var fields) -> fields.stream().anyMatch(field -> wasRead(pkg, field));
    };
  }

  /** Says whether a field of a version was read, if the repository has that version. */
  public boolean wasRead(Package pkg, Field field) {
    if (!names.contains(pkg.name())) {
      return false;
    }
    return switch (field) {
      case DEPENDS, CONFLICTS -> asked.contains(pkg);
      case CONFLICT_CLASS, AVAILABLE -> !excluded.contains(pkg);
      case AVOID_VERSION -> avoidance && !excluded.contains(pkg);
    };
  }
}
