package dev.millrace.solver;

import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.solver.internal.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Picks versions of packages from an opam repository, the same as opam-0install picks.
 *
 * <p>What was read is kept for later requests, for the platforms asked for last. Thread-safe: any
 * number of requests at once. The repository belongs to whoever opened it and must stay open.
 */
public final class Solver {
  /** How many platforms' views of the repository are kept. */
  private static final int PLATFORMS_MAX = 64;

  private final OpamRepository repository;
  private final LongSupplier ticker;
  private final Map<Map<String, String>, Platform> platforms =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Platform> eldest) {
              return size() > PLATFORMS_MAX;
            }
          });

  private Solver(OpamRepository repository, LongSupplier ticker) {
    this.repository = repository;
    this.ticker = ticker;
  }

  /** A solver over this repository. */
  public static Solver open(OpamRepository repository) {
    return open(repository, System::nanoTime);
  }

  /**
   * A solver over this repository that measures time limits otherwise.
   *
   * @param ticker the time in nanoseconds, from any beginning
   */
  public static Solver open(OpamRepository repository, LongSupplier ticker) {
    return new Solver(repository, ticker);
  }

  /**
   * A solver over another state of the repository that goes on with what this one has read of
   * packages that are the same. This one stays good.
   *
   * @param diff what differs between the states
   */
  public Solver next(OpamRepository newer, RepositoryDiff diff) {
    Set<PackageName> changed = new HashSet<>();
    diff.changes().keySet().forEach(pkg -> changed.add(pkg.name()));
    Solver next = new Solver(newer, ticker);
    synchronized (platforms) {
      platforms.forEach(
          (variables, platform) -> next.platforms.put(variables, platform.next(newer, changed)));
    }
    return next;
  }

  /** The repository that versions are picked from. */
  public OpamRepository repository() {
    return repository;
  }

  /**
   * Answers a request.
   *
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public SolveResult solve(SolveRequest request) throws InterruptedException {
    return solve(request, Patience.endless());
  }

  /**
   * Answers a request, if that takes no longer than this.
   *
   * @return the answer; empty if the time was not enough
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public Optional<SolveResult> solve(SolveRequest request, Duration limit)
      throws InterruptedException {
    Patience patience = new Patience(ticker, limit.toNanos());
    try {
      return Optional.of(solve(request, patience));
    } catch (Patience.TimeUpException e) {
      return Optional.empty();
    }
  }

  /**
   * Answers a request without an explanation.
   *
   * @return the packages of the solution; empty if there is none
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public Optional<List<Package>> find(SolveRequest request) throws InterruptedException {
    return search(request).packages();
  }

  /** What a search without an explanation has found. */
  record Found(Optional<List<Package>> packages, ReadSet readSet) {}

  Found search(SolveRequest request) throws InterruptedException {
    return search(request, Patience.endless());
  }

  private Found search(SolveRequest request, Patience patience) throws InterruptedException {
    RequestCandidates candidates =
        new RequestCandidates(platform(request.variables()), request, patience);
    Optional<List<Package>> packages =
        new Search(candidates, goal(request.roots()), false).run().map(Solver::packages);
    return new Found(packages, candidates.readSet());
  }

  /**
   * Says in few words why a request has no solution, and what would help. Takes up to some hundred
   * times as long as solving it.
   *
   * @throws IllegalArgumentException if it has one
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public Conflict findConflict(SolveRequest request) throws InterruptedException {
    return findConflict(request, Patience.endless());
  }

  /**
   * Says in few words why a request has no solution, if that takes no longer than this.
   *
   * @return the words; empty if the time was not enough
   * @throws IllegalArgumentException if it has one
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public Optional<Conflict> findConflict(SolveRequest request, Duration limit)
      throws InterruptedException {
    Patience patience = new Patience(ticker, limit.toNanos());
    try {
      return Optional.of(findConflict(request, patience));
    } catch (Patience.TimeUpException e) {
      return Optional.empty();
    }
  }

  private Conflict findConflict(SolveRequest request, Patience patience)
      throws InterruptedException {
    if (search(request, patience).packages().isPresent()) {
      throw new IllegalArgumentException("The request has a solution: " + request.roots());
    }
    return ConflictFinder.find(platform(request.variables()), request, patience);
  }

  private SolveResult solve(SolveRequest request, Patience patience) throws InterruptedException {
    RequestCandidates candidates =
        new RequestCandidates(platform(request.variables()), request, patience);
    Role goal = goal(request.roots());
    Optional<SequencedMap<Role, Implementation>> chosen = new Search(candidates, goal, false).run();
    if (chosen.isPresent()) {
      return new SolveResult.Solution(packages(chosen.get()), candidates.readSet());
    }
    Optional<SequencedMap<Role, Implementation>> closest = new Search(candidates, goal, true).run();
    String explanation =
        Diagnostics.explain(
            candidates,
            request.constraints(),
            goal,
            closest.orElseThrow(
                () -> new IllegalStateException("There is always a closest match")));
    return new SolveResult.NoSolution(explanation, candidates.readSet());
  }

  Platform platform(Map<String, String> variables) {
    return platforms.computeIfAbsent(variables, key -> new Platform(repository, key));
  }

  static Role goal(List<PackageName> roots) {
    if (roots.size() == 1) {
      return new Role.Real(roots.getFirst());
    }
    List<Requirement> all = new ArrayList<>();
    for (PackageName root : roots) {
      all.add(new Requirement(new Role.Real(root), true, List.of()));
    }
    return new Role.Virtual(List.of(new Implementation.Alternative(0, all)));
  }

  private static List<Package> packages(Map<Role, Implementation> chosen) {
    return chosen.values().stream()
        .filter(Implementation.Version.class::isInstance)
        .map(version -> ((Implementation.Version) version).pkg())
        .sorted()
        .toList();
  }
}
