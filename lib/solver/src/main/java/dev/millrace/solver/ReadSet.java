package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import java.util.Set;

/**
 * What an answer was made from: as long as these are the same, so is the answer.
 *
 * @param names the packages whose lists of versions were read, existing or not
 * @param packages the versions whose files were read
 */
public record ReadSet(Set<PackageName> names, Set<Package> packages) {
  /** Copies. */
  public ReadSet {
    names = Set.copyOf(names);
    packages = Set.copyOf(packages);
  }
}
