package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.RepositoryDelta.Effect;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Goal: on random universes, what is found cleverly is what asking about everything finds. */
class RepositoryDeltaProperties {
  /** A universe as text: for each version the names it depends on, with a bound. */
  private static Map<Package, String> universe(Random random, int size) {
    int names = 2 + random.nextInt(2 + size);
    Map<Package, String> files = new LinkedHashMap<>();
    for (int i = 0; i < names; i++) {
      for (int v = 1 + random.nextInt(3); v >= 1; v--) {
        files.put(Package.parse("p%d.%d".formatted(i, v)), file(random, names));
      }
    }
    return files;
  }

  private static String file(Random random, int names) {
    StringBuilder text = new StringBuilder("opam-version: \"2.0\"\ndepends: [");
    for (int d = random.nextInt(3); d > 0; d--) {
      text.append(atom(random, names)).append(random.nextInt(4) == 0 ? " | " : " ");
      if (text.toString().endsWith("| ")) {
        text.append(atom(random, names)).append(' ');
      }
    }
    text.append("]\n");
    if (random.nextInt(5) == 0) {
      text.append("conflicts: ").append(atom(random, names)).append('\n');
    }
    if (random.nextInt(10) == 0) {
      text.append("available: false\n");
    }
    return text.toString();
  }

  private static String atom(Random random, int names) {
    String bound = List.of("", " {>= \"2\"}", " {< \"2\"}", " {= \"3\"}").get(random.nextInt(4));
    return "\"p%d\"%s".formatted(random.nextInt(names), bound);
  }

  private static Optional<List<Package>> solve(Solver solver, Package... wanted)
      throws InterruptedException {
    Map<PackageName, VersionConstraint> constraints = new HashMap<>();
    for (Package pkg : wanted) {
      constraints.put(pkg.name(), new VersionConstraint(Relop.EQ, pkg.version()));
    }
    return solver.find(
        new SolveRequest(
            List.of(wanted).stream().map(Package::name).toList(),
            constraints,
            Map.of(),
            Set.of(),
            Map.of(),
            Preference.NEWEST,
            Rules.LIBRARY));
  }

  @Test
  void theDeltaIsWhatAskingAboutEveryVersionFinds() {
    RandomTest.check(
        400,
        6,
        (random, size) -> {
          Map<Package, String> before = universe(random, size);
          Map<Package, String> other = universe(random, size);
          Map<Package, String> after = new LinkedHashMap<>(before);
          for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
            List<Package> all = List.copyOf(other.keySet());
            Package pkg = all.get(random.nextInt(all.size()));
            if (random.nextBoolean()) {
              after.put(pkg, other.getOrDefault(pkg, ""));
            } else {
              after.remove(pkg);
            }
          }
          OpamRepository old = OpamRepositories.inMemory(before);
          OpamRepository young = OpamRepositories.inMemory(after);
          Solver first = Solver.open(old);
          Solver second = Solver.open(young);
          Map<Package, Effect> expected = new TreeMap<>();
          Set<Package> all = new TreeSet<>(before.keySet());
          all.addAll(after.keySet());
          for (Package pkg : all) {
            Optional<List<Package>> a = solve(first, pkg);
            Optional<List<Package>> b = solve(second, pkg);
            if (!a.equals(b)) {
              expected.put(
                  pkg,
                  a.isEmpty()
                      ? new Effect.Installable(b.orElseThrow())
                      : b.<Effect>map(now -> new Effect.Different(a.get(), now))
                          .orElseGet(() -> new Effect.Uninstallable(a.get())));
            }
          }

          assertThat(
                  RepositoryDelta.between(
                          RepositoryDelta.Base.of(Solver.open(old), Map.of(), Map.of()), young, 2)
                      .effects())
              .as("before %s after %s", before, after)
              .isEqualTo(expected);
          InstallQuestion question = new InstallQuestion(Map.of(), Map.of());
          RepositoryDelta.Step step =
              RepositoryDelta.between(
                  RepositoryDelta.Base.of(first, question, InstallAnswers.of(first, question, 1)),
                  young,
                  2);
          assertThat(step.effects())
              .as("with all answers, before %s after %s", before, after)
              .isEqualTo(expected);
          InstallAnswers next = step.next().answers().orElseThrow();
          assertThat(next.encoded().keySet()).isEqualTo(after.keySet());
          for (Package pkg : after.keySet()) {
            assertThat(next.find(pkg).packages())
                .as("%s, before %s after %s", pkg, before, after)
                .isEqualTo(question.ask(pkg, second).packages());
          }
        });
  }

  /** Answers that were not asked again must stay right when the next step rests on them. */
  @Test
  void stepAfterStepTheAnswersStayWhatAskingAboutEveryVersionFinds() {
    RandomTest.check(
        200,
        6,
        (random, size) -> {
          Map<Package, String> files = new LinkedHashMap<>(universe(random, size));
          InstallQuestion question =
              new InstallQuestion(
                  random.nextBoolean()
                      ? Map.of()
                      : Map.of(
                          PackageName.parse("p0"),
                          new VersionConstraint(Relop.LEQ, PackageVersion.parse("2"))),
                  Map.of());
          Solver first = Solver.open(OpamRepositories.inMemory(files));
          RepositoryDelta.Base base =
              RepositoryDelta.Base.of(first, question, InstallAnswers.of(first, question, 1));
          StringBuilder story = new StringBuilder(files.toString());
          for (int steps = 4; steps > 0; steps--) {
            edit(files, random);
            story.append("\nthen ").append(files);
            OpamRepository young = OpamRepositories.inMemory(files);
            base = RepositoryDelta.between(base, young, 2).next();
            InstallAnswers answers = base.answers().orElseThrow();
            Solver fresh = Solver.open(young);

            assertThat(answers.encoded().keySet()).isEqualTo(files.keySet());
            for (Package pkg : files.keySet()) {
              assertThat(answers.find(pkg).packages())
                  .as("%s of %s", pkg, story)
                  .isEqualTo(question.ask(pkg, fresh).packages());
            }
          }
        });
  }

  /** As commits to repositories are: bounds, conflicts, versions that come and go. */
  private static void edit(Map<Package, String> files, Random random) {
    List<Package> all = List.copyOf(files.keySet());
    Package pkg = all.get(random.nextInt(all.size()));
    String text = files.getOrDefault(pkg, "");
    int names = all.size();
    switch (random.nextInt(8)) {
      case 0 -> files.put(pkg, text.replace("]", atom(random, names) + "]"));
      case 1 -> files.put(pkg, text.replaceFirst("\"p(\\d+)\"(?! \\{)", "\"p$1\" {< \"3\"}"));
      case 2 -> files.put(pkg, text.replaceFirst(" \\{[^}]*\\}", ""));
      case 3 -> {
        if (!text.contains("conflicts")) {
          files.put(pkg, text + "conflicts: " + atom(random, names) + "\n");
        }
      }
      case 4 -> {
        if (!text.contains("available")) {
          files.put(pkg, text + "available: false\n");
        }
      }
      case 5 -> {
        if (!text.contains("class")) {
          files.put(pkg, text + "conflict-class: \"k\"\n");
        }
      }
      case 6 -> {
        if (files.size() > 1) {
          files.remove(pkg);
        }
      }
      default ->
          files.put(
              Package.parse("p%d.%d".formatted(random.nextInt(names), 4)), file(random, names));
    }
  }

  @Test
  void reverseDependenciesAreThoseThatSomeSolutionHoldsTogether() {
    RandomTest.check(
        400,
        6,
        (random, size) -> {
          Map<Package, String> files = universe(random, size);
          Solver solver = Solver.open(OpamRepositories.inMemory(files));
          List<Package> all = List.copyOf(files.keySet());
          Package target = all.get(random.nextInt(all.size()));
          Set<Package> expected = new TreeSet<>();
          for (Package pkg : all) {
            if (!pkg.equals(target)
                && reaches(pkg, target, files)
                && !pkg.name().equals(target.name())
                && solve(solver, pkg, target).isPresent()) {
              expected.add(pkg);
            }
          }

          assertThat(
                  ReverseDependencies.find(
                      solver, new ReverseDependencies.Query(target, Map.of(), Map.of()), 2))
              .as("%s in %s", target, files)
              .isEqualTo(expected);
        });
  }

  /** Follows the text of the files. */
  private static boolean reaches(Package from, Package target, Map<Package, String> files) {
    Set<Package> seen = new HashSet<>();
    Deque<Package> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      Package pkg = open.pop();
      if (!seen.add(pkg)) {
        continue;
      }
      String depends = files.getOrDefault(pkg, "").split("]")[0];
      for (Package candidate : files.keySet()) {
        String name = "\"" + candidate.name() + "\"";
        int version = Integer.parseInt(candidate.version().toString());
        boolean accepted =
            depends.matches("(?s).*" + name + "( [|\"]| *$|\\s[^{]).*")
                || (depends.contains(name + " {>= \"2\"}") && version >= 2)
                || (depends.contains(name + " {< \"2\"}") && version < 2)
                || (depends.contains(name + " {= \"3\"}") && version == 3);
        if (accepted) {
          if (candidate.equals(target)) {
            return true;
          }
          open.push(candidate);
        }
      }
    }
    return false;
  }
}
