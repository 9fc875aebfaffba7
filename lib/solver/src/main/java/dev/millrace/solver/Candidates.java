package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.solver.internal.Patience;
import java.util.List;

/**
 * The versions of a package, as one request sees them.
 *
 * @param good those that may be chosen, best first
 * @param rejected those that may not, in the same order
 * @param excluded those of them that the request itself excludes
 */
record Candidates(
    List<Implementation.Version> good, List<Rejected> rejected, List<Package> excluded) {
  Candidates {
    good = List.copyOf(good);
    rejected = List.copyOf(rejected);
    excluded = List.copyOf(excluded);
  }

  /** A version that may not be chosen, whatever else is. */
  record Rejected(Package pkg, String reason) {}

  /** Where candidates come from: one request. Used by one thread. */
  interface Source {
    /** Those of one package, always the same. */
    Candidates of(PackageName name) throws InterruptedException;

    /** What an implementation asks of others, always the same. */
    List<Requirement> requirements(Implementation implementation);

    /** Asked often by everything that takes time. */
    Patience patience();

    /** The conflict classes of a version that count. */
    List<String> conflictClasses(Implementation.Version version);
  }
}
