package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether a version can be installed, asked of each version alone.
 *
 * @param constraints versions that packages must have if they are there
 * @param variables opam's variables of the platform
 */
record InstallQuestion(
    Map<PackageName, VersionConstraint> constraints, Map<String, String> variables) {
  InstallQuestion {
    constraints = Map.copyOf(constraints);
    variables = Map.copyOf(variables);
  }

  /** The solution, empty if there is none or no such version, and what it was made from. */
  record Answer(Optional<List<Package>> packages, ReadSet readSet) {}

  Answer ask(Package pkg, Solver solver) throws InterruptedException {
    VersionConstraint given = constraints.get(pkg.name());
    if (given != null && !given.holds(pkg.version())) {
      return new Answer(Optional.empty(), new ReadSet(Set.of(), Set.of(), Set.of(), false));
    }
    Map<PackageName, VersionConstraint> all = new HashMap<>(constraints);
    all.put(pkg.name(), new VersionConstraint(Relop.EQ, pkg.version()));
    Solver.Found found =
        solver.search(
            new SolveRequest(
                List.of(pkg.name()),
                all,
                variables,
                Set.of(),
                Map.of(),
                SolveRequest.Preference.NEWEST,
                SolveRequest.Rules.LIBRARY));
    return new Answer(found.packages().filter(packages -> packages.contains(pkg)), found.readSet());
  }

  /** The same text for the same question only. */
  @Override
  public String toString() {
    return new TreeMap<>(constraints) + " " + new TreeMap<>(variables);
  }
}
