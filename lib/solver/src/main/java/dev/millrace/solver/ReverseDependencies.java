package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds what depends on a version and can be installed with it.
 *
 * <p>A version depends on it directly if its dependencies accept it, in any alternative, and
 * through another if they accept a version that depends on it. It can be installed with it if some
 * solution holds both: that is asked of the solver for each, except where a solution that was found
 * for another shows it, or does with this version in place of another ({@link Witness}).
 */
public final class ReverseDependencies {
  private ReverseDependencies() {}

  /**
   * The question.
   *
   * @param target the version that is depended on
   * @param constraints versions that packages must have if they are there, as {@code ocaml = 5.3.0}
   * @param variables opam's variables of the platform
   */
  public record Query(
      Package target,
      Map<PackageName, VersionConstraint> constraints,
      Map<String, String> variables) {
    /** Copies. */
    public Query {
      constraints = Map.copyOf(constraints);
      variables = Map.copyOf(variables);
    }
  }

  /**
   * Answers a query, with all the threads it is given.
   *
   * @return the versions, the target not among them, in the order of packages
   * @throws SolverException if a file cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public static SortedSet<Package> find(Solver solver, Query query, int threads)
      throws InterruptedException {
    Dependents dependents =
        Dependents.of(solver.repository(), solver.platform(query.variables()), Set.of());
    List<Package> candidates = new ArrayList<>(dependents.closure(List.of(query.target())));
    candidates.remove(query.target());
    // What is new is rarely depended on, so that its solution shows much about others.
    candidates.sort(Comparator.<Package>naturalOrder().reversed());
    Set<Package> relevant = Set.copyOf(candidates);
    Set<Package> found = ConcurrentHashMap.newKeySet();
    Platform platform = solver.platform(query.variables());
    Map<PackageName, Witness> witnesses = new ConcurrentHashMap<>();
    Parallel.each(
        candidates,
        threads,
        candidate -> {
          if (found.contains(candidate)) {
            return;
          }
          Witness known = witnesses.get(candidate.name());
          if (known != null && isAllowed(query, candidate) && known.accepts(platform, candidate)) {
            found.add(candidate);
            return;
          }
          List<Package> solution = together(solver, query, candidate);
          Witness witness = Witness.of(platform, solution);
          for (Package pkg : solution) {
            witnesses.put(pkg.name(), witness);
            if (relevant.contains(pkg)) {
              found.add(pkg);
            }
          }
        });
    return Collections.unmodifiableSortedSet(new TreeSet<>(found));
  }

  /** Another version of the target itself cannot go with it. */
  private static boolean isAllowed(Query query, Package candidate) {
    VersionConstraint given = query.constraints().get(candidate.name());
    return !candidate.name().equals(query.target().name())
        && (given == null || given.holds(candidate.version()));
  }

  /** A solution that holds the target and the candidate; empty if there is none. */
  private static List<Package> together(Solver solver, Query query, Package candidate)
      throws InterruptedException {
    Map<PackageName, VersionConstraint> constraints = new HashMap<>(query.constraints());
    for (Package pkg : List.of(query.target(), candidate)) {
      VersionConstraint given = constraints.get(pkg.name());
      if (given != null && !given.holds(pkg.version())) {
        return List.of();
      }
      constraints.put(pkg.name(), new VersionConstraint(Relop.EQ, pkg.version()));
    }
    SolveRequest request =
        new SolveRequest(
            List.of(candidate.name(), query.target().name()),
            constraints,
            query.variables(),
            Set.of(),
            Map.of(),
            SolveRequest.Preference.NEWEST,
            SolveRequest.Rules.LIBRARY);
    List<Package> solution = solver.find(request).orElse(List.of());
    // A version may be equal in opam's order to another that was chosen instead.
    return solution.containsAll(List.of(candidate, query.target())) ? solution : List.of();
  }
}
