package dev.millrace.solver;

import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.Relop;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.opam.VersionConstraint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What the difference between two states of a repository does to what can be installed, version by
 * version, on one platform.
 *
 * <p>A version is installable if there is a solution for it alone. A version that changed can only
 * be in solutions of those that depend on it, so that only those are asked, in both states.
 */
public final class RepositoryDelta {
  /** How many answers a state remembers: for all versions that are published today. */
  private static final int ANSWERS_MAX = 40_000;

  private RepositoryDelta() {}

  /** What became of a version. */
  public sealed interface Effect {
    /** There is a solution now; there was none, or no such version. */
    record Installable(List<Package> packages) implements Effect {
      /** Copies. */
      public Installable {
        packages = List.copyOf(packages);
      }
    }

    /** There was a solution; now there is none, or no such version. */
    record Uninstallable(List<Package> packages) implements Effect {
      /** Copies. */
      public Uninstallable {
        packages = List.copyOf(packages);
      }
    }

    /** There is another solution than there was. */
    record Different(List<Package> before, List<Package> after) implements Effect {
      /** Copies. */
      public Different {
        before = List.copyOf(before);
        after = List.copyOf(after);
      }
    }
  }

  /**
   * One state of a repository on one platform, ready to be compared, the faster the more often: it
   * remembers the answers that it had to find. Thread-safe.
   */
  public static final class Base {
    private final Solver solver;
    private final Map<PackageName, VersionConstraint> constraints;
    private final Map<String, String> variables;
    private final Dependents dependents;
    private final ConcurrentHashMap<Package, Answer> answers = new ConcurrentHashMap<>();

    /** The solution, empty if there is none or no such version, and what it was made from. */
    private record Answer(Optional<List<Package>> packages, ReadSet readSet) {}

    private Base(
        Solver solver,
        Map<PackageName, VersionConstraint> constraints,
        Map<String, String> variables,
        Dependents dependents) {
      this.solver = solver;
      this.constraints = constraints;
      this.variables = variables;
      this.dependents = dependents;
    }

    /**
     * Reads who depends on whom.
     *
     * @param constraints versions that packages must have if they are there
     * @param variables opam's variables of the platform
     * @throws SolverException if a file cannot be understood
     * @throws InterruptedException if the caller is interrupted
     */
    public static Base of(
        Solver solver,
        Map<PackageName, VersionConstraint> constraints,
        Map<String, String> variables)
        throws InterruptedException {
      return new Base(
          solver,
          Map.copyOf(constraints),
          Map.copyOf(variables),
          Dependents.of(solver.repository(), solver.platform(variables), Set.of()));
    }

    /** The same on another state of the repository. */
    private Base next(OpamRepository newer, RepositoryDiff diff) throws InterruptedException {
      Solver next = solver.next(newer, diff);
      Set<PackageName> changed = new HashSet<>();
      diff.changes().keySet().forEach(pkg -> changed.add(pkg.name()));
      return new Base(
          next, constraints, variables, dependents.next(newer, next.platform(variables), changed));
    }

    /** What a version alone comes to, as far as it is known. */
    private Answer answer(Package pkg) throws InterruptedException {
      Answer known = answers.get(pkg);
      if (known == null) {
        known = solve(pkg);
        if (answers.size() < ANSWERS_MAX) {
          answers.put(pkg, known);
        }
      }
      return known;
    }

    private Answer solve(Package pkg) throws InterruptedException {
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
      return new Answer(
          found.packages().filter(packages -> packages.contains(pkg)), found.readSet());
    }
  }

  /**
   * Compares a state with a later one.
   *
   * @param head the later state, which must stay open while this runs
   * @return what happened to which versions; to those that are missing, nothing
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public static SortedMap<Package, Effect> between(Base base, OpamRepository head, int threads)
      throws InterruptedException {
    RepositoryDiff diff = RepositoryDiff.between(base.solver.repository(), head);
    if (diff.changes().isEmpty()) {
      return Collections.emptySortedMap();
    }
    Base next = base.next(head, diff);
    Set<Package> affected = new TreeSet<>(base.dependents.closure(diff.changes().keySet()));
    affected.addAll(next.dependents.closure(diff.changes().keySet()));
    SortedMap<Package, Effect> effects = new ConcurrentSkipListMap<>();
    Parallel.each(
        new ArrayList<>(affected),
        threads,
        pkg -> {
          Base.Answer before = base.answer(pkg);
          if (before.readSet().meets(diff)) {
            effect(before.packages(), next.solve(pkg).packages())
                .ifPresent(effect -> effects.put(pkg, effect));
          }
        });
    return Collections.unmodifiableSortedMap(new TreeMap<>(effects));
  }

  private static Optional<Effect> effect(
      Optional<List<Package>> before, Optional<List<Package>> after) {
    if (before.equals(after)) {
      return Optional.empty();
    }
    if (before.isEmpty()) {
      return after.map(Effect.Installable::new);
    }
    return Optional.of(
        after
            .<Effect>map(packages -> new Effect.Different(before.get(), packages))
            .orElseGet(() -> new Effect.Uninstallable(before.get())));
  }
}
