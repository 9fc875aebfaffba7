package dev.millrace.solver;

import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.solver.Requirement.Restriction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which versions depend on which, on one platform: X depends on Y if what X depends on names Y in a
 * version range that has Y in it, in any alternative. Immutable; thread-safe.
 *
 * <p>Versions that are not available count as well, as in opam's own lists.
 */
final class Dependents {
  /** A version that names a package, and how. */
  private record Edge(Package from, List<Restriction> restrictions) {
    boolean accepts(PackageVersion version) {
      return restrictions.stream().allMatch(restriction -> restriction.accepts(version));
    }
  }

  private final Map<PackageName, List<Edge>> edges;

  private Dependents(Map<PackageName, List<Edge>> edges) {
    this.edges = edges;
  }

  /**
   * Reads all of a repository.
   *
   * @param tested the packages whose tests count
   * @throws SolverException if a file cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  static Dependents of(OpamRepository repository, Platform platform, Set<PackageName> tested)
      throws InterruptedException {
    Map<PackageName, List<Edge>> edges = new HashMap<>();
    read(repository.listNames(), platform, tested, edges);
    return new Dependents(edges);
  }

  /** The same on another state of the repository, in which only these packages differ. */
  Dependents next(OpamRepository newer, Platform platform, Set<PackageName> changed)
      throws InterruptedException {
    Map<PackageName, List<Edge>> next = HashMap.newHashMap(edges.size());
    edges.forEach(
        (name, known) -> {
          boolean stays = known.stream().noneMatch(edge -> changed.contains(edge.from().name()));
          next.put(
              name,
              stays
                  ? known
                  : new ArrayList<>(
                      known.stream()
                          .filter(edge -> !changed.contains(edge.from().name()))
                          .toList()));
        });
    Map<PackageName, List<Edge>> added = new HashMap<>();
    read(newer.listNames().stream().filter(changed::contains).toList(), platform, Set.of(), added);
    added.forEach(
        (name, edges) ->
            next.merge(
                name,
                edges,
                (known, more) -> {
                  List<Edge> all = new ArrayList<>(known);
                  all.addAll(more);
                  return all;
                }));
    return new Dependents(next);
  }

  private static void read(
      List<PackageName> names,
      Platform platform,
      Set<PackageName> tested,
      Map<PackageName, List<Edge>> edges)
      throws InterruptedException {
    for (PackageName name : names) {
      if (Thread.interrupted()) {
        throw new InterruptedException("The reading of dependencies was cancelled");
      }
      boolean test = tested.contains(name);
      for (Platform.Entry entry : platform.entries(name)) {
        add(entry.pkg(), entry.described(platform).implementation(test).requirements(), edges);
      }
    }
  }

  private static void add(
      Package from, List<Requirement> requirements, Map<PackageName, List<Edge>> edges) {
    Deque<Requirement> open = new ArrayDeque<>(requirements);
    while (!open.isEmpty()) {
      Requirement requirement = open.pop();
      switch (requirement.role()) {
        case Role.Real(var name) -> {
          if (requirement.essential()) {
            edges
                .computeIfAbsent(name, _ -> new ArrayList<>())
                .add(new Edge(from, requirement.restrictions()));
          }
        }
        case Role.Virtual virtual ->
            virtual.alternatives().forEach(inner -> inner.requirements().forEach(open::push));
      }
    }
  }

  /** The versions that depend on one of these, directly or through others; these included. */
  Set<Package> closure(Collection<Package> targets) {
    Set<Package> closure = new HashSet<>(targets);
    Deque<Package> open = new ArrayDeque<>(closure);
    while (!open.isEmpty()) {
      Package target = open.pop();
      for (Edge edge : edges.getOrDefault(target.name(), List.of())) {
        if (!closure.contains(edge.from()) && edge.accepts(target.version())) {
          closure.add(edge.from());
          open.push(edge.from());
        }
      }
    }
    return closure;
  }
}
