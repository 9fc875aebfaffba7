package dev.millrace.services.cikit;

import static dev.millrace.services.cikit.TestObjects.pkg;
import static dev.millrace.services.cikit.TestObjects.project;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The analysis with the real solver, on a small repository and four compilers. */
final class AnalysisScenariosTest {
  private static final String HEADER = "opam-version: \"2.0\"\n";

  private static final List<TestedPlatform> PLATFORMS =
      List.of(platform("4.10"), platform("4.09"), platform("4.08"), platform("4.07"));

  private final Map<String, String> files = new LinkedHashMap<>();
  private final List<String> log = new ArrayList<>();
  private OpamRepository repository;

  private static TestedPlatform platform(String series) {
    Variant variant = Variant.parse("debian-11-%s_opam-2.1".formatted(series));
    return new TestedPlatform(
        new Platform(variant, new Platform.Published("ocaml/opam:debian-11-ocaml-" + series)),
        "ocaml/opam:debian-11-ocaml-" + series,
        new PlatformVariables(
            "x86_64",
            "linux",
            "debian",
            "debian",
            "11",
            "ocaml-base-compiler",
            series + ".0",
            "2.1.0"));
  }

  @BeforeEach
  void makeRepository() {
    for (String ocaml : List.of("4.10.0", "4.09.0")) {
      files.put("ocaml-base-compiler." + ocaml, "");
      files.put("ocaml." + ocaml, "depends: [\"ocaml-base-compiler\" {= \"%s\"}]".formatted(ocaml));
    }
    files.put("ocaml-base-compiler.4.08.0", "");
    files.put("dune.1.11", "depends: [\"ocaml\"]");
    files.put("dune.2.0", "depends: [\"ocaml\"]");
    files.put("fmt.1.0", "depends: [\"ocaml\" \"dune\"]");
    files.put("logs.1.0", "depends: [\"ocaml\" \"dune\" \"fmt\"]");
    files.put("alcotest.1.0", "depends: [\"ocaml\" \"dune\" \"fmt\"]");
    files.put("ocamlformat.0.12", "depends: [\"ocaml\" {>= \"4.10\"} \"dune\"]");
    files.put("conf-sys.1", "available: os = \"win32\"");
    build();
  }

  private void build() {
    Map<Package, String> packages = new LinkedHashMap<>();
    files.forEach((name, text) -> packages.put(Package.parse(name), HEADER + text));
    repository = OpamRepositories.inMemory(packages);
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  private AnalysisOutcome analyse(RepositoryContent content) throws InterruptedException {
    return new Analysis(OpamVersionSolver.open(repository, "a test's", Optional.empty()), 2)
        .analyse(content, PLATFORMS, log::add);
  }

  private static List<String> upper(AnalysisOutcome outcome) {
    return outcome.selections().stream()
        .filter(selection -> !selection.lowerBound())
        .map(s -> s.variant().ocaml() + ": " + String.join(" ", s.packages()))
        .toList();
  }

  private static PackageSource opam(String file, String depends) {
    return pkg(file, HEADER + "depends: [ %s ]\n".formatted(depends));
  }

  @Test
  void solvesASimpleProjectAndItsFormatter() throws Exception {
    RepositoryContent content =
        TestObjects.withOcamlformat(
            project(opam("example.opam", "\"ocaml\" \"dune\" \"alcotest\" {with-test}")),
            new OcamlformatRequest.Version("0.12"));

    AnalysisOutcome outcome = analyse(content);

    assertThat(upper(outcome))
        .containsExactly(
            "4.10: alcotest.1.0 dune.2.0 example.dev fmt.1.0 ocaml.4.10.0 ocaml-base-compiler.4.10.0",
            "4.09: alcotest.1.0 dune.2.0 example.dev fmt.1.0 ocaml.4.09.0 ocaml-base-compiler.4.09.0");
    assertThat(outcome.ocamlformat())
        .isInstanceOfSatisfying(
            ToolChoice.Solved.class,
            tool -> {
              assertThat(tool.selection().variant()).hasToString("debian-11-4.10_opam-2.1");
              assertThat(tool.selection().packages())
                  .contains("ocamlformat.0.12", "deps_for_ocamlformat.opam")
                  .doesNotContain("example.dev");
            });
    assertThat(String.join("\n", log)).contains("debian-11-4.08_opam-2.1: no solution");
  }

  @Test
  void testsTheOldestVersionsThatAProjectAllows() throws Exception {
    AnalysisOutcome outcome = analyse(project(opam("example.opam", "\"ocaml\" \"dune\"")));

    assertThat(outcome.selections())
        .filteredOn(Selection::lowerBound)
        .extracting(selection -> selection.versionOf("dune").orElseThrow())
        .containsOnly("1.11");
    assertThat(JobPlanner.plan(outcome))
        .filteredOn(job -> job.kind() == JobKind.LOWER_BOUND)
        .singleElement()
        .extracting(job -> job.variant().toString())
        .isEqualTo("debian-11-4.09_opam-2.1");
  }

  @Test
  void leavesOutAPackageWhereItsCompilerIsTooOld() throws Exception {
    AnalysisOutcome outcome =
        analyse(
            project(
                opam("example.opam", "\"ocaml\" \"dune\""),
                opam("example_new.opam", "\"ocaml\" {>= \"4.10\"} \"example\"")));

    assertThat(outcome.selections())
        .filteredOn(selection -> !selection.lowerBound())
        .extracting(selection -> selection.variant().ocaml() + " " + selection.onlyPackages())
        .containsExactly("4.10 []", "4.09 [example.dev]");
  }

  @Test
  void namesAPackageThatNoCompilerIsNewEnoughFor() {
    assertThatThrownBy(
            () ->
                analyse(
                    project(
                        opam("example.opam", "\"ocaml\" \"dune\""),
                        opam("example_new.opam", "\"ocaml\" {>= \"5.0\"}"))))
        .isInstanceOf(CiKitException.class)
        .hasMessageStartingWith("No solution found for example_new.dev on any supported platform")
        .hasMessageContaining(
            "debian-11-4.10_opam-2.1 is excluded by a field \"available\" or a constraint on \"ocaml\" of example_new.dev");
  }

  @Test
  void takesVendoredPackagesInsteadOfTheRepositorys() throws Exception {
    AnalysisOutcome outcome =
        analyse(
            project(
                opam("example.opam", "\"ocaml\" \"logs\""),
                opam("vendor/fmt/fmt.opam", "\"ocaml\"")));

    assertThat(upper(outcome).getFirst()).contains("fmt.dev", "logs.1.0");
  }

  @Test
  void shiftsPreferenceNeitherToUnavailableNorToMissingPackages() {
    assertThatThrownBy(
            () -> analyse(project(opam("example.opam", "\"ocaml\" \"conf-sys\" \"nosuch\""))))
        .isInstanceOf(CiKitException.class)
        .hasMessageStartingWith("No solution found for example.dev on any supported platform")
        .hasMessageContaining(
            "debian-11-4.10_opam-2.1: no solution\nCan't find all required versions.")
        .hasMessageContaining("- conf-sys -> (problem)")
        .hasMessageContaining("- nosuch -> (problem)\n    No known implementations at all");
  }

  @Test
  void findsADistributionsCompilerThroughItsOwnVersion() throws Exception {
    files.put("ocaml-system.4.13.1", "available: sys-ocaml-version = \"4.13.1\"");
    files.put("ocaml-system.5.3.0", "available: sys-ocaml-version = \"5.3.0\"");
    files.put("ocaml.5.3.0", "depends: [\"ocaml-system\" {= \"5.3.0\"}]");
    build();

    AnalysisOutcome outcome =
        new Analysis(OpamVersionSolver.open(repository, "a test's", Optional.empty()), 2)
            .analyse(
                project(opam("example.opam", "\"ocaml\"")),
                List.of(TestObjects.platform("debian-13-5.3_opam-2.3", "5.3.0")),
                log::add);

    assertThat(upper(outcome)).containsExactly("5.3: example.dev ocaml.5.3.0 ocaml-system.5.3.0");
  }

  @Test
  void ignoresProjectsThatExcludeThePlatform() {
    assertThatThrownBy(
            () -> analyse(project(pkg("example.opam", HEADER + "available: os = \"macos\"\n"))))
        .hasMessageContaining("Not available for this platform");
  }

  @Test
  void saysWhichFileOfTheRepositoryIsDamaged() {
    files.put("broken.1", "depends: [");
    build();

    assertThatThrownBy(() -> analyse(project(opam("example.opam", "\"broken\""))))
        .isInstanceOf(CiKitException.class)
        .hasMessageStartingWith("Error from solver: ")
        .hasMessageContaining("broken.1");
  }
}
