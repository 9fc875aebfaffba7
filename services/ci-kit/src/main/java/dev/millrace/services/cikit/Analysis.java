package dev.millrace.services.cikit;

import static java.util.stream.Collectors.joining;

import dev.millrace.base.TaskScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decides which versions a commit is built with on each platform, and with which tools it is
 * checked.
 */
public final class Analysis {
  private final VersionSolver solver;
  private final int parallelMax;

  /**
   * An analysis against a repository.
   *
   * @param parallelMax how many platforms are solved at once
   */
  public Analysis(VersionSolver solver, int parallelMax) {
    this.solver = solver;
    this.parallelMax = parallelMax;
  }

  /**
   * Analyses a commit.
   *
   * @param platforms those to build on; each 64-bit x86 Linux one is also solved for the oldest
   *     versions
   * @param log gets what was decided, and why nothing could be
   * @throws CiKitException if the commit cannot be built anywhere, or one of its packages nowhere
   */
  public AnalysisOutcome analyse(
      RepositoryContent content, List<TestedPlatform> platforms, Consumer<String> log)
      throws InterruptedException {
    requirePackages(content);
    log.accept("Solving with " + solver.describe());
    List<Selection> selections = solveAll(content, platforms, log);
    List<TestedPlatform> mainstream =
        platforms.stream()
            .filter(platform -> platform.variant().isMainstream())
            .sorted(Comparator.comparing(platform -> platform.variant().ocaml()))
            .toList();
    Tools tools = new Tools(solver, content, mainstream, log);
    ToolChoice ocamlformat = tools.ocamlformat();
    ToolChoice odoc = tools.odoc(selections);
    ToolChoice duneLint = tools.opamDuneLint();
    return new AnalysisOutcome(selections, ocamlformat, odoc, duneLint);
  }

  /**
   * The content, if there is something in it to build.
   *
   * @throws CiKitException if not
   */
  public static RepositoryContent requirePackages(RepositoryContent content) {
    if (content.opamFiles().isEmpty()) {
      throw new CiKitException("No opam files found!");
    }
    if (content.rootPackages().isEmpty()) {
      throw new CiKitException(
          "No top-level opam files found! (there are some in subdirectories: %s)"
              .formatted(content.opamFiles().stream().limit(5).collect(joining(", "))));
    }
    return content;
  }

  private record Attempt(TestedPlatform platform, boolean lowerBound) {
    @Override
    public String toString() {
      return platform.variant() + (lowerBound ? " (lower-bound)" : "");
    }
  }

  private List<Selection> solveAll(
      RepositoryContent content, List<TestedPlatform> platforms, Consumer<String> log)
      throws InterruptedException {
    List<Attempt> attempts = new ArrayList<>();
    for (TestedPlatform platform : platforms) {
      attempts.add(new Attempt(platform, false));
      if (platform.variant().isMainstream()) {
        attempts.add(new Attempt(platform, true));
      }
    }
    List<VersionSolver.Answer> answers = answer(content, attempts);
    List<Selection> selections = new ArrayList<>();
    List<String> explanations = new ArrayList<>();
    for (int i = 0; i < attempts.size(); i++) {
      Attempt attempt = attempts.get(i);
      switch (answers.get(i)) {
        case VersionSolver.Answer.Solved solved -> {
          Selection selection = selection(content, attempt, solved);
          log.accept("%s: %s".formatted(attempt, String.join(" ", selection.packages())));
          if (!selection.onlyPackages().isEmpty()) {
            log.accept(
                "%s: only %s".formatted(attempt, String.join(" ", selection.onlyPackages())));
          }
          selections.add(selection);
        }
        case VersionSolver.Answer.Unsolvable(String explanation) -> {
          String text = "%s: no solution\n%s".formatted(attempt, explanation.stripTrailing());
          log.accept(text);
          if (!attempt.lowerBound()) {
            explanations.add(text);
          }
        }
      }
    }
    if (selections.isEmpty()) {
      throw new CiKitException(
          "No solution found for %s on any supported platform\n%s"
              .formatted(names(content.rootPackages()), String.join("\n", explanations)));
    }
    requireEveryPackage(content, selections, explanations);
    return selections;
  }

  private List<VersionSolver.Answer> answer(RepositoryContent content, List<Attempt> attempts)
      throws InterruptedException {
    List<PackageSource> pins = new ArrayList<>(content.vendoredPackages());
    content.pinDepends().forEach(pin -> pins.add(pin.source()));
    List<TaskScope.Task<VersionSolver.Answer>> tasks = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("analysis", parallelMax)) {
      for (Attempt attempt : attempts) {
        VersionSolver.Question question =
            new VersionSolver.Question(
                attempt.platform().variables(), content.rootPackages(), pins, attempt.lowerBound());
        tasks.add(scope.fork(() -> solver.solve(question)));
      }
      scope.join();
    } catch (TaskScope.TaskFailedException e) {
      if (e.failure() instanceof CiKitException failure) {
        throw CiKitException.of("Error from solver: " + failure.getMessage(), failure);
      }
      throw e;
    }
    return tasks.stream().map(TaskScope.Task::result).toList();
  }

  private static Selection selection(
      RepositoryContent content, Attempt attempt, VersionSolver.Answer.Solved solved) {
    boolean all = solved.compatible().size() == content.rootPackages().size();
    return new Selection(
        attempt.platform().variant(),
        solved.packages(),
        all ? List.of() : solved.compatible(),
        solved.commit(),
        attempt.lowerBound());
  }

  private static void requireEveryPackage(
      RepositoryContent content, List<Selection> selections, List<String> explanations) {
    Set<String> missing = new LinkedHashSet<>();
    content.rootPackages().forEach(pkg -> missing.add(pkg.pkg()));
    for (Selection selection : selections) {
      if (selection.onlyPackages().isEmpty()) {
        return;
      }
      selection.onlyPackages().forEach(missing::remove);
    }
    if (missing.isEmpty()) {
      return;
    }
    String which = String.join(", ", missing);
    List<String> reasons = new ArrayList<>();
    for (Selection selection : selections) {
      if (!selection.lowerBound()) {
        reasons.add(
            "%s is excluded by a field \"available\" or a constraint on \"ocaml\" of %s"
                .formatted(selection.variant(), which));
      }
    }
    reasons.addAll(explanations);
    throw new CiKitException(
        "No solution found for %s on any supported platform\n%s"
            .formatted(which, String.join("\n", reasons)));
  }

  private static String names(List<PackageSource> packages) {
    return packages.stream().map(PackageSource::pkg).collect(joining(", "));
  }

  /** The selection that lints of the whole project run on: that of the oldest compiler. */
  static Optional<Selection> forLints(List<Selection> selections) {
    return selections.stream()
        .filter(selection -> !selection.lowerBound() && selection.variant().isMainstream())
        .min(Comparator.comparing(Selection::variant, Comparator.comparing(Variant::ocaml)));
  }
}
