package dev.millrace.services.cikit;

import static dev.millrace.services.cikit.TestObjects.COMMIT;
import static dev.millrace.services.cikit.TestObjects.lowerBound;
import static dev.millrace.services.cikit.TestObjects.pkg;
import static dev.millrace.services.cikit.TestObjects.platform;
import static dev.millrace.services.cikit.TestObjects.project;
import static dev.millrace.services.cikit.TestObjects.selection;
import static dev.millrace.services.cikit.TestObjects.withOcamlformat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.services.cikit.VersionSolver.Answer;
import dev.millrace.services.cikit.VersionSolver.Question;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the analysis asks a solver, and what it makes of the answers. */
final class AnalysisTest {
  private static final TestedPlatform DEBIAN_13 = platform("debian-13-5.3_opam-2.3", "5.3.0");
  private static final TestedPlatform DEBIAN_12 = platform("debian-12-4.13_opam-2.1", "4.13.1");
  private static final TestedPlatform ARM = platform("debian-13-5.3_arm64_opam-2.3", "5.3.0");

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  /** Answers by a function; remembers what it was asked. Thread-safe. */
  private static final class ScriptedSolver implements VersionSolver {
    private final Function<Question, Answer> script;
    private final List<Question> asked = Collections.synchronizedList(new ArrayList<>());

    ScriptedSolver(Function<Question, Answer> script) {
      this.script = script;
    }

    @Override
    public String describe() {
      return "the opam repository of this test";
    }

    @Override
    public Answer solve(Question question) {
      asked.add(question);
      return script.apply(question);
    }
  }

  /** Has every version of everything except of these names, which no root may mention. */
  private static ScriptedSolver without(String... names) {
    return new ScriptedSolver(
        question ->
            Stream.of(names)
                    .anyMatch(
                        name ->
                            question.roots().stream()
                                .anyMatch(root -> root.opam().contains("\"" + name + "\"")))
                ? new Answer.Unsolvable("Can't find all required versions.\n- no " + names[0])
                : solved(question));
  }

  private static Answer solved(Question question) {
    TreeSet<String> packages = new TreeSet<>();
    question.roots().forEach(root -> packages.add(root.pkg()));
    packages.add("dune." + (question.preferOldest() ? "2.0" : "3.0"));
    packages.add("ocaml-system." + question.variables().ocamlVersion());
    return new Answer.Solved(
        List.copyOf(packages),
        question.roots().stream().map(PackageSource::pkg).toList(),
        Optional.of(COMMIT));
  }

  private AnalysisOutcome analyse(
      VersionSolver solver, RepositoryContent content, TestedPlatform... platforms)
      throws InterruptedException {
    return new Analysis(solver, 2).analyse(content, List.of(platforms), log::add);
  }

  private static List<String> labels(AnalysisOutcome outcome) {
    return JobPlanner.plan(outcome).stream().map(PlannedJob::label).toList();
  }

  @Test
  void solvesEveryPlatformAndEachMainstreamOneForOldVersionsToo() throws Exception {
    AnalysisOutcome outcome = analyse(without(), project(pkg("a.opam")), DEBIAN_13, ARM, DEBIAN_12);

    assertThat(outcome.selections())
        .extracting(s -> s.variant() + " " + s.lowerBound() + " " + s.versionOf("dune").orElse("-"))
        .containsExactly(
            "debian-13-5.3_opam-2.3 false 3.0",
            "debian-13-5.3_opam-2.3 true 2.0",
            "debian-13-5.3_arm64_opam-2.3 false 3.0",
            "debian-12-4.13_opam-2.1 false 3.0",
            "debian-12-4.13_opam-2.1 true 2.0");
    assertThat(log.getFirst()).isEqualTo("Solving with the opam repository of this test");
    assertThat(outcome.selections()).allSatisfy(s -> assertThat(s.onlyPackages()).isEmpty());
  }

  @Test
  void givesTheLowerBoundToTheOldestCompiler() throws Exception {
    AnalysisOutcome outcome = analyse(without(), project(pkg("a.opam")), DEBIAN_13, DEBIAN_12);

    assertThat(JobPlanner.plan(outcome))
        .extracting(job -> job.label() + " " + job.variant())
        .containsExactly(
            "debian-13-5.3_opam-2.3 debian-13-5.3_opam-2.3",
            "debian-12-4.13_opam-2.1 debian-12-4.13_opam-2.1",
            "(lower-bound) debian-12-4.13_opam-2.1",
            "(lint-doc) debian-12-4.13_opam-2.1",
            "(lint-opam) debian-13-5.3_opam-2.3");
  }

  @Test
  void usesVendoredAndPinnedPackagesAsPins() throws Exception {
    ScriptedSolver solver = without();
    RepositoryContent content =
        TestObjects.withPins(
            project(pkg("a.opam"), pkg("vendor/b.opam")),
            new PinnedPackage(pkg("p.opam"), "https://example.org/p", COMMIT));

    analyse(solver, content, DEBIAN_13);

    assertThat(solver.asked.getFirst().pins())
        .extracting(PackageSource::pkg)
        .containsExactly("b.dev", "p.dev");
  }

  @Test
  void leavesOutPackagesThatAPlatformExcludes() throws Exception {
    ScriptedSolver solver =
        new ScriptedSolver(
            question ->
                question.variables().ocamlVersion().startsWith("4")
                    ? new Answer.Solved(List.of("a.dev"), List.of("a.dev"), Optional.empty())
                    : solved(question));

    AnalysisOutcome outcome =
        analyse(solver, project(pkg("a.opam"), pkg("b.opam")), DEBIAN_13, DEBIAN_12);

    assertThat(outcome.selections())
        .extracting(Selection::onlyPackages)
        .containsExactly(List.of(), List.of(), List.of("a.dev"), List.of("a.dev"));
  }

  @Test
  void goesOnWithThePlatformsThatHaveASolution() throws Exception {
    ScriptedSolver solver =
        new ScriptedSolver(
            question ->
                question.variables().ocamlVersion().startsWith("4")
                    ? new Answer.Unsolvable("- ocaml -> (problem)\n")
                    : solved(question));

    AnalysisOutcome outcome = analyse(solver, project(pkg("a.opam")), DEBIAN_13, DEBIAN_12);

    assertThat(labels(outcome)).contains("debian-13-5.3_opam-2.3", "(lower-bound)");
    assertThat(log).contains("debian-12-4.13_opam-2.1: no solution\n- ocaml -> (problem)");
  }

  @Test
  void explainsWhyNoPlatformHasASolution() {
    ScriptedSolver solver =
        new ScriptedSolver(question -> new Answer.Unsolvable("- nosuch -> (problem)\n"));

    assertThatThrownBy(() -> analyse(solver, project(pkg("a.opam")), DEBIAN_13, DEBIAN_12))
        .isInstanceOf(CiKitException.class)
        .hasMessage(
            """
            No solution found for a.dev on any supported platform
            debian-13-5.3_opam-2.3: no solution
            - nosuch -> (problem)
            debian-12-4.13_opam-2.1: no solution
            - nosuch -> (problem)""");
  }

  @Test
  void namesThePackagesThatNoPlatformCanBuild() {
    ScriptedSolver solver =
        new ScriptedSolver(
            _ -> new Answer.Solved(List.of("a.dev"), List.of("a.dev"), Optional.empty()));

    assertThatThrownBy(
            () -> analyse(solver, project(pkg("a.opam"), pkg("b.opam")), DEBIAN_13, DEBIAN_12))
        .isInstanceOf(CiKitException.class)
        .hasMessage(
            """
            No solution found for b.dev on any supported platform
            debian-13-5.3_opam-2.3 is excluded by a field "available" or a constraint on "ocaml" of b.dev
            debian-12-4.13_opam-2.1 is excluded by a field "available" or a constraint on "ocaml" of b.dev""");
  }

  @Test
  void saysWhenThereIsNothingToBuild() {
    assertThatThrownBy(() -> analyse(without(), project(), DEBIAN_13))
        .hasMessage("No opam files found!");
    assertThatThrownBy(() -> analyse(without(), project(pkg("src/a.opam")), DEBIAN_13))
        .hasMessageStartingWith("No top-level opam files found!");
  }

  @Test
  void passesOnWhatTheSolverCannotRead() {
    ScriptedSolver solver =
        new ScriptedSolver(
            _ -> {
              throw new CiKitException("foo.1.0/opam:1:2: expected a value");
            });

    assertThatThrownBy(() -> analyse(solver, project(pkg("a.opam")), DEBIAN_13))
        .isInstanceOf(CiKitException.class)
        .hasMessage("Error from solver: foo.1.0/opam:1:2: expected a value");
  }

  @Test
  void hasNoLintsWhereNothingMainstreamIsSolved() throws Exception {
    AnalysisOutcome outcome = analyse(without(), project(pkg("a.opam")), ARM);

    assertThat(labels(outcome)).containsExactly("debian-13-5.3_arm64_opam-2.3");
  }

  @Test
  void takesTheFormatterFromTheRepositoryOnTheOldestCompilerThatHasIt() throws Exception {
    ScriptedSolver solver = without();
    RepositoryContent content =
        withOcamlformat(project(pkg("a.opam")), new OcamlformatRequest.Version("0.26.2"));

    AnalysisOutcome outcome = analyse(solver, content, DEBIAN_13, DEBIAN_12);

    assertThat(outcome.ocamlformat())
        .isInstanceOfSatisfying(
            ToolChoice.Solved.class,
            tool -> assertThat(tool.selection().variant()).hasToString("debian-12-4.13_opam-2.1"));
    assertThat(solver.asked)
        .anySatisfy(
            question -> {
              assertThat(question.roots())
                  .extracting(PackageSource::pkg)
                  .containsExactly("deps_for_ocamlformat.opam");
              assertThat(question.roots().getFirst().opam())
                  .contains("\"ocamlformat\" {= \"0.26.2\"}");
              assertThat(question.pins()).isEmpty();
            });
  }

  @Test
  void takesTheDistributionsFormatterWhenItsVersionFits() throws Exception {
    RepositoryContent content =
        withOcamlformat(project(pkg("a.opam")), new OcamlformatRequest.Version("0.27.0"));

    AnalysisOutcome outcome = analyse(without("ocamlformat"), content, DEBIAN_13, DEBIAN_12);

    assertThat(outcome.ocamlformat())
        .isInstanceOfSatisfying(
            ToolChoice.Packaged.class,
            tool -> {
              assertThat(tool.systemPackage()).isEqualTo("ocamlformat");
              assertThat(tool.selection().variant()).hasToString("debian-13-5.3_opam-2.3");
            });
  }

  @Test
  void skipsFormattingWithAFormatterThatCannotBeHad() throws Exception {
    RepositoryContent content =
        withOcamlformat(project(pkg("a.opam")), new OcamlformatRequest.Version("9.9"));

    AnalysisOutcome outcome = analyse(without("ocamlformat"), content, DEBIAN_13);

    PlannedJob job =
        JobPlanner.plan(outcome).stream()
            .filter(planned -> planned.kind() == JobKind.LINT_FMT)
            .findFirst()
            .orElseThrow();
    assertThat(job.work())
        .isEqualTo(
            new PlannedJob.Work.Skip(
                "ocamlformat 9.9 cannot be had: neither the opam repository of this test nor the distribution has one that fits"));
  }

  @Test
  void failsFormattingOnlyForAMistakeInItsFile() throws Exception {
    RepositoryContent content =
        withOcamlformat(project(pkg("a.opam")), new OcamlformatRequest.Mistaken("two versions"));

    List<PlannedJob> jobs = JobPlanner.plan(analyse(without(), content, DEBIAN_13));

    assertThat(jobs)
        .filteredOn(job -> job.kind() == JobKind.LINT_FMT)
        .singleElement()
        .extracting(PlannedJob::work)
        .isEqualTo(new PlannedJob.Work.Fail("two versions"));
    assertThat(jobs).filteredOn(job -> job.kind() == JobKind.BUILD).hasSize(1);
  }

  @Test
  void hasNoFormattingJobWhereFormattingIsOff() throws Exception {
    RepositoryContent content =
        withOcamlformat(project(pkg("a.opam")), new OcamlformatRequest.Disabled());

    assertThat(labels(analyse(without(), content, DEBIAN_13))).doesNotContain("(lint-fmt)");
  }

  @Test
  void takesTheDistributionsOdocForTheDistributionsCompilerOnly() throws Exception {
    AnalysisOutcome fits = analyse(without("odoc"), project(pkg("a.opam")), DEBIAN_12);
    AnalysisOutcome other =
        analyse(
            without("odoc"), project(pkg("a.opam")), platform("debian-13-4.14_opam-2.5", "4.14.3"));

    assertThat(fits.odoc())
        .isInstanceOfSatisfying(
            ToolChoice.Packaged.class,
            tool -> assertThat(tool.systemPackage()).isEqualTo("ocaml-odoc"));
    assertThat(other.odoc()).isInstanceOf(ToolChoice.Unavailable.class);
  }

  @Test
  void skipsOpamLintOnOldCompilersAndRunsItOn414() throws Exception {
    AnalysisOutcome old = analyse(without(), project(pkg("a.opam")), DEBIAN_12);
    AnalysisOutcome able =
        analyse(without(), project(pkg("a.opam")), platform("debian-13-4.14_opam-2.5", "4.14.3"));

    assertThat(old.opamDuneLint())
        .isInstanceOfSatisfying(
            ToolChoice.Unavailable.class,
            tool -> assertThat(tool.reason()).contains("OCaml 4.14 or later"));
    assertThat(able.opamDuneLint()).isInstanceOf(ToolChoice.Solved.class);
  }

  @Test
  void doesNotFailAProjectForATroubleOfItsTools() throws Exception {
    ScriptedSolver solver =
        new ScriptedSolver(
            question -> {
              if (question.roots().stream().anyMatch(root -> root.pkg().endsWith(".opam"))) {
                throw new CiKitException("the repository's odoc is damaged");
              }
              return solved(question);
            });

    AnalysisOutcome outcome = analyse(solver, project(pkg("a.opam")), DEBIAN_13);

    assertThat(outcome.opamDuneLint()).isInstanceOf(ToolChoice.Unavailable.class);
    assertThat(String.join("\n", log)).contains("the repository's odoc is damaged");
  }

  @Test
  void survivesItsTextForm() throws Exception {
    RepositoryContent content =
        withOcamlformat(project(pkg("a.opam")), new OcamlformatRequest.Version("0.27.0"));
    AnalysisOutcome outcome =
        analyse(without("ocamlformat", "opam-dune-lint"), content, DEBIAN_13, DEBIAN_12);

    assertThat(AnalysisOutcome.decode(outcome.encode())).isEqualTo(outcome);
    assertThatThrownBy(() -> AnalysisOutcome.decode("[]"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsTheOldestOpamOfOnePlace() {
    AnalysisOutcome outcome =
        new AnalysisOutcome(
            List.of(
                selection("debian-13-5.3_opam-2.5", "a.dev"),
                selection("debian-13-5.3_opam-2.3", "a.dev"),
                lowerBound(selection("debian-13-5.3_opam-2.5", "a.dev"))),
            new ToolChoice.NotWanted(),
            new ToolChoice.NotWanted(),
            new ToolChoice.NotWanted());

    assertThat(labels(outcome)).containsExactly("debian-13-5.3_opam-2.3", "(lower-bound)");
    assertThat(Set.copyOf(labels(outcome))).hasSameSizeAs(labels(outcome));
  }
}
