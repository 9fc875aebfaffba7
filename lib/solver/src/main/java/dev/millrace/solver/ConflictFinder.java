package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.solver.Conflict.Reason;
import dev.millrace.solver.Conflict.Remedy;
import dev.millrace.solver.internal.Patience;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds a smallest set of facts that leave no solution, and the smallest changes that lead to one,
 * by solving again and again with facts left aside. One thread; one request.
 *
 * <p>Smallest means that no fact can be left out of it, not that there is no other with fewer.
 * Facts are left out in bunches first; and each search that fails, since it fails from what it met,
 * throws out all that it did not meet.
 */
final class ConflictFinder {
  private static final int REMEDIES_MAX = 5;
  private static final int CHANGES_MAX = 3;

  /** How many solves remedies may take. */
  private static final int TRIES_MAX = 300;

  private static final int GROUPS_MAX = 3;

  private final Platform platform;
  private final SolveRequest request;
  private final Set<Fact> everything;
  private final Patience patience;
  private int tries;

  private ConflictFinder(Platform platform, SolveRequest request, Patience patience)
      throws InterruptedException {
    this.platform = platform;
    this.request = request;
    this.patience = patience;
    Trial whole = attempt(Relaxation.NONE);
    this.everything = whole.met();
  }

  /** A search with something left aside. */
  private record Trial(
      Set<Fact> met,
      RequestCandidates candidates,
      Optional<SequencedMap<Role, Implementation>> chosen) {}

  /** Finds it for a request that has no solution. */
  static Conflict find(Platform platform, SolveRequest request, Patience patience)
      throws InterruptedException {
    ConflictFinder finder = new ConflictFinder(platform, request, patience);
    Set<Fact> core = finder.core(Set.of());
    return new Conflict(finder.reasons(core), finder.remedies(core));
  }

  private Trial attempt(Relaxation relaxation) throws InterruptedException {
    tries++;
    List<PackageName> roots =
        request.roots().stream()
            .filter(root -> !relaxation.dropped().contains(new Fact.Wanted(root)))
            .toList();
    RequestCandidates candidates = new RequestCandidates(platform, request, patience, relaxation);
    Optional<SequencedMap<Role, Implementation>> chosen =
        new Search(candidates, Solver.goal(roots), false).run();
    Set<Fact> met = new LinkedHashSet<>();
    roots.forEach(root -> met.add(new Fact.Wanted(root)));
    met.addAll(candidates.facts());
    return new Trial(met, candidates, chosen);
  }

  /** A search in which only these facts count; empty if it has a solution. */
  private Optional<Set<Fact>> failing(Collection<Fact> facts) throws InterruptedException {
    Set<Fact> kept = new HashSet<>(facts);
    // What no search has met so far would count as well: it is left aside as soon as it is met.
    Set<Fact> dropped = new HashSet<>(everything);
    dropped.removeAll(kept);
    while (true) {
      Trial trial = attempt(new Relaxation(dropped, Set.of()));
      if (trial.chosen().isPresent()) {
        return Optional.empty();
      }
      Set<Fact> unknown = new LinkedHashSet<>(trial.met());
      unknown.removeAll(kept);
      if (unknown.isEmpty()) {
        Set<Fact> used = new LinkedHashSet<>(facts);
        used.retainAll(trial.met());
        return Optional.of(used);
      }
      everything.addAll(unknown);
      dropped.addAll(unknown);
    }
  }

  /** A smallest set without a solution, among all facts but these. */
  private Set<Fact> core(Set<Fact> without) throws InterruptedException {
    Set<Fact> core = new LinkedHashSet<>(attempt(new Relaxation(without, Set.of())).met());
    for (int bunch = Math.max(1, core.size() / 2); ; bunch = Math.max(1, bunch / 2)) {
      int at = 0;
      while (at < core.size()) {
        List<Fact> all = new ArrayList<>(core);
        List<Fact> rest = new ArrayList<>(all.subList(0, at));
        rest.addAll(all.subList(Math.min(all.size(), at + bunch), all.size()));
        Optional<Set<Fact>> smaller = failing(rest);
        if (smaller.isPresent()) {
          Set<Fact> before = new HashSet<>(all.subList(0, at));
          core = smaller.get();
          before.retainAll(core);
          at = before.size();
        } else {
          at += bunch;
        }
      }
      if (bunch == 1) {
        return core;
      }
    }
  }

  // The reasons.

  private List<Reason> reasons(Set<Fact> core) throws InterruptedException {
    Set<Fact> dropped = new HashSet<>(everything);
    dropped.removeAll(core);
    RequestCandidates met = attempt(new Relaxation(dropped, Set.of())).candidates();
    List<Reason> reasons = new ArrayList<>();
    for (Fact fact : ordered(core)) {
      reasons.add(reason(fact, met));
    }
    return reasons;
  }

  /** What the request says first, then what follows from it, package by package. */
  private List<Fact> ordered(Set<Fact> core) {
    List<Fact> left = new ArrayList<>(core);
    List<Fact> ordered = new ArrayList<>();
    Set<String> reached = new LinkedHashSet<>();
    for (Fact fact : core) {
      if (fact instanceof Fact.Wanted(var name)) {
        ordered.add(fact);
        reached.add(name.toString());
      }
    }
    left.removeAll(ordered);
    boolean more = true;
    while (more) {
      more = false;
      for (Fact fact : List.copyOf(left)) {
        if (fact instanceof Fact.Needs(var from, var target) && reached.contains(from.toString())) {
          ordered.add(fact);
          left.remove(fact);
          reached.addAll(List.of(target.split("[|&]")));
          more = true;
        }
      }
    }
    left.sort(Comparator.comparingInt(ConflictFinder::cost));
    ordered.addAll(left);
    return ordered;
  }

  private static int cost(Fact fact) {
    return switch (fact) {
      case Fact.Constrained _ -> 0;
      case Fact.Wanted _ -> 1;
      case Fact.Needs _ -> 2;
      case Fact.Excludes _ -> 3;
      case Fact.OneOfClass _ -> 4;
      case Fact.Unavailable _ -> 5;
    };
  }

  private Reason reason(Fact fact, RequestCandidates met) throws InterruptedException {
    return switch (fact) {
      case Fact.Wanted(var name) -> new Reason(name.toString(), wanted(name, met), "the request");
      case Fact.Constrained(var name) ->
          new Reason(name.toString(), "must be " + request.constraints().get(name), "the request");
      case Fact.Unavailable(var name) -> unavailable(name, met);
      case Fact.Needs(var name, var target) -> asking(fact, name, "needs", target, met);
      case Fact.Excludes(var name, var target) -> asking(fact, name, "excludes", target, met);
      case Fact.OneOfClass(var kind) ->
          new Reason("the conflict class " + kind, "allows one package only", "conflict-class");
    };
  }

  private static String wanted(PackageName name, RequestCandidates met)
      throws InterruptedException {
    Candidates candidates = met.of(name);
    return candidates.good().isEmpty() && candidates.rejected().isEmpty()
        ? "is wanted, and no repository has it"
        : "is wanted";
  }

  private static Reason unavailable(PackageName name, RequestCandidates met)
      throws InterruptedException {
    List<Package> versions =
        met.of(name).rejected().stream()
            .map(Candidates.Rejected::pkg)
            .sorted(Comparator.reverseOrder())
            .toList();
    return new Reason(
        shown(versions),
        "not available on this platform",
        versions.isEmpty() ? "available" : origin(versions.getFirst(), "available"));
  }

  private Reason asking(
      Fact fact, PackageName name, String verb, String target, RequestCandidates met)
      throws InterruptedException {
    SequencedMap<String, List<Package>> bounds = new LinkedHashMap<>();
    for (Implementation.Version version : met.of(name).good()) {
      if (met.hasAsked(version)) {
        for (Requirement requirement : version.requirements()) {
          if (Fact.of(version, requirement).equals(fact)) {
            bounds.computeIfAbsent(wish(requirement), _ -> new ArrayList<>()).add(version.pkg());
          }
        }
      }
    }
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, List<Package>> entry : bounds.entrySet()) {
      if (parts.size() == GROUPS_MAX) {
        parts.add("…");
        break;
      }
      parts.add(
          parts.isEmpty()
              ? verb + " " + entry.getKey()
              : "%s %s".formatted(shown(entry.getValue()), entry.getKey()));
    }
    List<Package> first = bounds.isEmpty() ? List.of() : bounds.firstEntry().getValue();
    boolean missing =
        PackageName.find(target).isPresent()
            && isUnknown(PackageName.parse(target), met)
            && verb.equals("needs");
    return new Reason(
        first.isEmpty() ? name.toString() : shown(first),
        String.join(", ", parts) + (missing ? ", which no repository has" : ""),
        first.isEmpty()
            ? "depends"
            : origin(first.getFirst(), verb.equals("needs") ? "depends" : "conflicts"));
  }

  private static boolean isUnknown(PackageName name, RequestCandidates met)
      throws InterruptedException {
    Candidates candidates = met.of(name);
    return candidates.good().isEmpty() && candidates.rejected().isEmpty();
  }

  /** What is asked for, with its bounds; of a disjunction all of it. */
  private static String wish(Requirement requirement) {
    return switch (requirement.role()) {
      case Role.Real(var name) -> name + bound(requirement);
      case Role.Virtual virtual ->
          virtual.alternatives().stream()
              .map(
                  alternative ->
                      alternative.requirements().stream()
                          .map(ConflictFinder::wish)
                          .collect(Collectors.joining(" with ")))
              .collect(Collectors.joining(" or "));
    };
  }

  private static String bound(Requirement requirement) {
    StringBuilder text = new StringBuilder();
    for (Requirement.Restriction restriction : requirement.restrictions()) {
      String versions = Diagnostics.render(restriction.versions());
      text.append(versions.isEmpty() ? "" : " " + versions);
    }
    return text.toString();
  }

  private static String shown(List<Package> packages) {
    return switch (packages.size()) {
      case 0 -> "";
      case 1 -> packages.getFirst().toString();
      case 2 -> packages.getFirst() + " and " + packages.getLast().version();
      default ->
          "%s … %s (%d versions)"
              .formatted(packages.getFirst(), packages.getLast().version(), packages.size());
    };
  }

  private static String origin(Package pkg, String field) {
    return "%s of packages/%s/%s/opam".formatted(field, pkg.name(), pkg);
  }

  // The remedies.

  private List<Remedy> remedies(Set<Fact> core) throws InterruptedException {
    List<Remedy> found = new ArrayList<>();
    List<List<Fact>> open = new ArrayList<>();
    cheapestFirst(core).forEach(fact -> open.add(List.of(fact)));
    int changes = 1;
    while (!open.isEmpty() && tries < TRIES_MAX && found.size() < REMEDIES_MAX) {
      List<Fact> facts = open.removeFirst();
      if (facts.size() > changes && !found.isEmpty()) {
        break; // Fewer changes are enough.
      }
      changes = facts.size();
      Optional<Remedy> remedy = remedy(facts);
      if (remedy.isPresent()) {
        found.add(remedy.get());
      } else if (facts.size() < CHANGES_MAX && isAllowed(facts)) {
        for (Fact more : cheapestFirst(core(Set.copyOf(facts)))) {
          List<Fact> longer = new ArrayList<>(facts);
          longer.add(more);
          open.add(longer);
        }
      }
    }
    return found;
  }

  private static List<Fact> cheapestFirst(Set<Fact> facts) {
    return facts.stream().sorted(Comparator.comparingInt(ConflictFinder::cost)).toList();
  }

  /** Something must still be wanted. */
  private boolean isAllowed(List<Fact> facts) {
    return request.roots().stream().anyMatch(root -> !facts.contains(new Fact.Wanted(root)));
  }

  private Optional<Remedy> remedy(List<Fact> facts) throws InterruptedException {
    if (!isAllowed(facts)) {
      return Optional.empty();
    }
    Set<Fact> widened = new HashSet<>(facts);
    widened.removeIf(fact -> !(fact instanceof Fact.Needs));
    Set<Fact> dropped = new HashSet<>(facts);
    dropped.removeAll(widened);
    // A wider bound is a smaller change than none.
    Trial trial = attempt(new Relaxation(dropped, widened));
    if (trial.chosen().isEmpty()) {
      if (widened.isEmpty()) {
        return Optional.empty();
      }
      trial = attempt(new Relaxation(Set.copyOf(facts), Set.of()));
    }
    if (trial.chosen().isEmpty()) {
      return Optional.empty();
    }
    Map<PackageName, Package> solution = new LinkedHashMap<>();
    trial.chosen().get().values().stream()
        .filter(Implementation.Version.class::isInstance)
        .map(version -> ((Implementation.Version) version).pkg())
        .sorted()
        .forEach(pkg -> solution.put(pkg.name(), pkg));
    return Optional.of(
        new Remedy(
            facts.stream().map(fact -> change(fact, solution)).toList(),
            solution.values().stream().map(Package::toString).toList()));
  }

  private String change(Fact fact, Map<PackageName, Package> solution) {
    return switch (fact) {
      case Fact.Wanted(var name) -> "do without " + name;
      case Fact.Constrained(var name) ->
          solution.containsKey(name)
              ? "take %s instead of %s %s"
                  .formatted(solution.get(name), name, request.constraints().get(name))
              : "do not ask for %s %s".formatted(name, request.constraints().get(name));
      case Fact.Unavailable(var name) ->
          "make %s available on this platform".formatted(or(solution.get(name), name.toString()));
      case Fact.Needs(var from, var target) -> {
        Optional<Package> accepted = PackageName.find(target).map(solution::get);
        yield accepted.isPresent()
            ? "let %s accept %s".formatted(or(solution.get(from), from.toString()), accepted.get())
            : "free %s of %s".formatted(or(solution.get(from), from.toString()), target);
      }
      case Fact.Excludes(var from, var target) ->
          "let %s go with %s"
              .formatted(
                  or(solution.get(from), from.toString()),
                  PackageName.find(target)
                      .map(solution::get)
                      .map(Package::toString)
                      .orElse(target));
      case Fact.OneOfClass(var kind) -> "allow several packages of the conflict class " + kind;
    };
  }

  private static String or(@Nullable Package pkg, String otherwise) {
    return pkg == null ? otherwise : pkg.toString();
  }
}
