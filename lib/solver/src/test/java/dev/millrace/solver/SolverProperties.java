package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import dev.millrace.base.TaskScope;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.RepositoryDiff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Goal: the clever search finds what an exhaustive one finds, on random universes. */
class SolverProperties {
  private static final SolveRequest REQUEST =
      SolveRequest.of(List.of(PackageName.parse("p0"), PackageName.parse("p1")), Map.of());

  /**
   * A package version with what it asks for, in a form the naive search understands: each need is a
   * disjunction of conjunctions.
   */
  private record Version(
      String name,
      int version,
      List<List<List<Atom>>> needs,
      List<Atom> conflicts,
      Optional<String> kind) {
    @Override
    public String toString() {
      return name + "." + version;
    }
  }

  /** One package, at least or at most at a version. */
  private record Atom(String name, char relation, int version) {
    boolean accepts(int other) {
      return switch (relation) {
        case '<' -> other < version;
        case '>' -> other >= version;
        default -> true;
      };
    }

    String render() {
      return switch (relation) {
        case '<' -> "\"%s\" {< \"%d\"}".formatted(name, version);
        case '>' -> "\"%s\" {>= \"%d\"}".formatted(name, version);
        default -> "\"%s\"".formatted(name);
      };
    }
  }

  private static Atom atom(Random random, int names) {
    char relation = "*<>".charAt(random.nextInt(3));
    return new Atom("p" + random.nextInt(names), relation, 1 + random.nextInt(4));
  }

  private static List<List<Atom>> need(Random random, int names) {
    List<List<Atom>> alternatives = new ArrayList<>();
    for (int a = random.nextInt(4) == 0 ? 2 : 1; a > 0; a--) {
      List<Atom> together = new ArrayList<>();
      for (int t = random.nextInt(4) == 0 ? 2 : 1; t > 0; t--) {
        together.add(atom(random, names));
      }
      alternatives.add(together);
    }
    return alternatives;
  }

  private static Map<String, List<Version>> universe(Random random, int size) {
    int names = 2 + random.nextInt(2 + size);
    Map<String, List<Version>> universe = new LinkedHashMap<>();
    for (int i = 0; i < names; i++) {
      String name = "p" + i;
      List<Version> versions = new ArrayList<>();
      for (int v = random.nextInt(4); v >= 1; v--) {
        List<List<List<Atom>>> needs = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0; n--) {
          needs.add(need(random, names));
        }
        List<Atom> conflicts = new ArrayList<>();
        if (random.nextInt(4) == 0) {
          conflicts.add(atom(random, names));
        }
        Optional<String> kind =
            random.nextInt(5) == 0 ? Optional.of("k" + random.nextInt(2)) : Optional.empty();
        versions.add(new Version(name, v, needs, conflicts, kind));
      }
      universe.put(name, versions);
    }
    return universe;
  }

  private static String opam(Version version) {
    String depends =
        version.needs().stream()
            .map(
                alternatives ->
                    "("
                        + alternatives.stream()
                            .map(
                                together ->
                                    together.stream()
                                        .map(Atom::render)
                                        .collect(Collectors.joining(" & ")))
                            .collect(Collectors.joining(" | "))
                        + ")")
            .collect(Collectors.joining(" "));
    String conflicts =
        version.conflicts().stream().map(Atom::render).collect(Collectors.joining(" "));
    return "opam-version: \"2.0\"\ndepends: [%s]\nconflicts: [%s]\n%s"
        .formatted(
            depends,
            conflicts,
            version.kind().map(kind -> "conflict-class: \"" + kind + "\"\n").orElse(""));
  }

  /** The naive search: tries choices in order of the walk, and checks everything at the end. */
  private static final class Naive {
    private final Map<String, List<Version>> universe;

    Naive(Map<String, List<Version>> universe) {
      this.universe = universe;
    }

    /** What is still to be met, in order: a package, or a choice between several. */
    private Optional<Map<String, Version>> search(
        List<List<List<Atom>>> open, Map<String, Version> chosen) {
      if (open.isEmpty()) {
        return isConsistent(chosen) ? Optional.of(chosen) : Optional.empty();
      }
      List<List<Atom>> first = open.getFirst();
      List<List<List<Atom>>> rest = open.subList(1, open.size());
      if (first.size() == 1 && first.getFirst().size() == 1) {
        return fill(first.getFirst().getFirst(), rest, chosen);
      }
      for (List<Atom> together : first) {
        List<List<List<Atom>>> next = new ArrayList<>();
        together.forEach(atom -> next.add(List.of(List.of(atom))));
        next.addAll(rest);
        Optional<Map<String, Version>> found = search(next, chosen);
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }

    private Optional<Map<String, Version>> fill(
        Atom atom, List<List<List<Atom>>> rest, Map<String, Version> chosen) {
      Version known = chosen.get(atom.name());
      if (known != null) {
        return atom.accepts(known.version()) ? search(rest, chosen) : Optional.empty();
      }
      for (Version candidate : universe.getOrDefault(atom.name(), List.of())) {
        if (!atom.accepts(candidate.version())) {
          continue;
        }
        Map<String, Version> more = new TreeMap<>(chosen);
        more.put(candidate.name(), candidate);
        List<List<List<Atom>>> next = new ArrayList<>(candidate.needs());
        next.addAll(rest);
        Optional<Map<String, Version>> found = search(next, more);
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }

    private static boolean isConsistent(Map<String, Version> chosen) {
      Map<String, String> kinds = new LinkedHashMap<>();
      for (Version version : chosen.values()) {
        for (Atom conflict : version.conflicts()) {
          Version other = chosen.get(conflict.name());
          if (other != null && conflict.accepts(other.version())) {
            return false;
          }
        }
        if (version.kind().isPresent() && kinds.put(version.kind().get(), version.name()) != null) {
          return false;
        }
      }
      return true;
    }
  }

  private static Map<Package, String> files(Map<String, List<Version>> universe) {
    Map<Package, String> files = new LinkedHashMap<>();
    universe
        .values()
        .forEach(
            versions -> versions.forEach(v -> files.put(Package.parse(v.toString()), opam(v))));
    return files;
  }

  private static SolveResult solve(Map<Package, String> files) throws InterruptedException {
    return Solver.open(OpamRepositories.inMemory(files)).solve(REQUEST);
  }

  @Test
  void agreesWithExhaustiveSearch() {
    RandomTest.check(
        3000,
        5,
        (random, size) -> {
          Map<String, List<Version>> universe = universe(random, size);
          Map<Package, String> files = files(universe);
          String expected =
              new Naive(universe)
                  .search(
                      List.of(
                          List.of(List.of(new Atom("p0", '*', 0))),
                          List.of(List.of(new Atom("p1", '*', 0)))),
                      Map.of())
                  .map(
                      chosen ->
                          chosen.values().stream()
                              .map(Version::toString)
                              .collect(Collectors.joining(" ")))
                  .orElse("none");

          SolveResult result = solve(files);

          String actual =
              result instanceof SolveResult.Solution solution
                  ? solution.packages().stream()
                      .map(Package::toString)
                      .collect(Collectors.joining(" "))
                  : "none";
          assertThat(actual).as("universe %s", files).isEqualTo(expected);
        });
  }

  @Test
  void whatWasNotReadDoesNotMatter() {
    RandomTest.check(
        1000,
        8,
        (random, size) -> {
          Map<Package, String> files = files(universe(random, size));
          SolveResult result = solve(files);
          ReadSet read = result.readSet();
          Map<Package, String> others = new LinkedHashMap<>(files);
          others.keySet().removeIf(pkg -> !read.names().contains(pkg.name()));
          others.replaceAll(
              (pkg, text) ->
                  read.asked().contains(pkg)
                      ? text
                      : text.replaceAll("(?m)^(depends|conflicts):.*", "$1: \"nowhere\""));

          assertThat(solve(others)).as("universe %s", files).isEqualTo(result);
        });
  }

  /** An edit that the read set does not meet changes nothing; most do not meet it. */
  @Test
  void whatTheReadSetDoesNotMeetChangesNoAnswer() {
    AtomicInteger spared = new AtomicInteger();
    RandomTest.check(
        2000,
        8,
        (random, size) -> {
          Map<Package, String> before = files(universe(random, size));
          Map<Package, String> other = files(universe(random, size));
          Map<Package, String> after = new LinkedHashMap<>(before);
          List<Package> all = new ArrayList<>(other.keySet());
          for (int edits = random.nextInt(3); edits >= 0 && !all.isEmpty(); edits--) {
            Package pkg = all.get(random.nextInt(all.size()));
            switch (random.nextInt(3)) {
              case 0 -> after.remove(pkg);
              case 1 -> after.put(pkg, other.getOrDefault(pkg, ""));
              default -> after.computeIfPresent(pkg, (_, text) -> text + "available: false\n");
            }
          }
          OpamRepository old = OpamRepositories.inMemory(before);
          OpamRepository young = OpamRepositories.inMemory(after);
          RepositoryDiff diff = RepositoryDiff.between(old, young);
          Solver solver = Solver.open(old);
          SolveResult first = solver.solve(REQUEST);

          SolveResult fresh = Solver.open(young).solve(REQUEST);

          assertThat(solver.next(young, diff).solve(REQUEST)).as("%s", diff).isEqualTo(fresh);
          if (!first.readSet().meets(diff)) {
            spared.incrementAndGet();
            assertThat(first).as("before %s after %s", before, after).isEqualTo(fresh);
          }
        });
    assertThat(spared).hasPositiveValue();
  }

  /** Requests that meet everything for the first time together answer as each would alone. */
  @Test
  void answersDoNotDependOnWhoElseAsks() {
    RandomTest.check(
        1000,
        8,
        (random, size) -> {
          Map<Package, String> files = files(universe(random, size));
          SolveResult alone = solve(files);
          Solver shared = Solver.open(OpamRepositories.inMemory(files));
          CyclicBarrier start = new CyclicBarrier(2);
          try (TaskScope scope = TaskScope.open("at once", 2)) {
            List<TaskScope.Task<SolveResult>> answers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
              answers.add(
                  scope.fork(
                      () -> {
                        start.await();
                        return shared.solve(REQUEST);
                      }));
            }
            scope.join();
            for (TaskScope.Task<SolveResult> answer : answers) {
              assertThat(answer.result()).as("universe %s", files).isEqualTo(alone);
            }
          }
        });
  }
}
