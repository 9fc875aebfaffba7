package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code millrace local} as a person runs it: the real launcher, bases made of Debian's packages,
 * steps in real sandboxes, real opam and OCaml inside. All runs share one state directory, so that
 * bases are made once.
 */
@Timeout(value = 25, unit = TimeUnit.MINUTES)
class LocalIT {
  private static final Path EXAMPLES = MillraceProcess.HOME.resolve("examples");
  private static final Path PROJECTS = MillraceProcess.HOME.resolve("app/src/test/projects");
  private static final List<String> DEBIAN_13 = List.of("--platform", "debian-13-ocaml-5.3");
  private static final List<String> EXAMPLE_PACKAGES =
      List.of(
          "--opam-repository",
          EXAMPLES.resolve("opam-repository").toString(),
          "--archive-mirror",
          EXAMPLES.resolve("opam-repository/archives").toString());

  @TempDir private static Path shared;
  @TempDir private Path directory;

  @BeforeAll
  static void checkMachine() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "NOT TESTED: needs root");
    for (String program : List.of("git", "runc", "mmdebstrap")) {
      assumeTrue(isInstalled(program), "NOT TESTED: " + program + " is not installed");
    }
    try {
      assertThat(InetAddress.getByName("deb.debian.org")).isNotNull();
    } catch (UnknownHostException e) {
      assumeTrue(false, "NOT TESTED: Debian's archive is not reachable");
    }
    // Steps run as users of their own, who must be able to pass.
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static boolean isInstalled(String program) {
    return Stream.of("/usr/bin", "/usr/sbin")
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  @AfterAll
  static void leavesNothingBehind() throws IOException {
    String state = shared.toRealPath().toString();
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .as("mounts")
        .noneMatch(line -> line.contains(state));
    assertThat(processesIn(state)).as("processes").isEmpty();
  }

  /** What runs with anything of a directory as its root, working directory or argument. */
  private static List<String> processesIn(String path) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.filter(p -> p.endsWith(p.getFileName())).toList()) {
        if (process.getFileName().toString().matches("[0-9]+")) {
          String what = describe(process);
          if (what.contains(path)) {
            found.add(what);
          }
        }
      }
    }
    return found;
  }

  private static String describe(Path process) {
    StringBuilder text = new StringBuilder();
    try {
      text.append(Files.readString(process.resolve("cmdline")).replace('\0', ' '));
      text.append(Files.readSymbolicLink(process.resolve("root"))).append(' ');
      text.append(Files.readSymbolicLink(process.resolve("cwd")));
    } catch (IOException e) {
      // It ended meanwhile.
    }
    return text.toString();
  }

  private MillraceProcess start(List<String> options, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("local", "--bootstrap", "--port", "0"));
    arguments.addAll(List.of("--state-dir", shared.resolve("state").toString()));
    arguments.addAll(options);
    arguments.addAll(List.of(more));
    return MillraceProcess.start(directory, arguments);
  }

  private MillraceProcess.Ended run(List<String> options, String... more)
      throws IOException, InterruptedException {
    try (MillraceProcess process = start(options, more)) {
      return process.await();
    }
  }

  private static List<String> all(List<String> one, List<String> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  /** The state of a label in the table of results. */
  private static String row(String output, String label) {
    Matcher matcher =
        Pattern.compile("(?m)^\\s+" + Pattern.quote(label) + "\\s+\\S+ (\\w+)").matcher(output);
    assertThat(matcher.find()).as("row of %s in\n%s", label, output).isTrue();
    return matcher.group(1);
  }

  /** The first line of the README, then the next rounds of somebody's day. */
  @Test
  void theExampleIsTestedOnceAndThenOnlyWhatChanged() throws Exception {
    MillraceProcess.Ended first = run(List.of(EXAMPLES.resolve("hello").toString()), "--once");

    assertThat(first.status()).as(first.output()).isZero();
    assertThat(first.output()).contains("Using the examples' own opam repository");
    assertThat(row(first.output(), "debian-13-5.3_opam-2.3")).isEqualTo("passed");
    assertThat(row(first.output(), "debian-12-4.13_opam-2.1")).isEqualTo("passed");
    assertThat(row(first.output(), "(lower-bound)")).isEqualTo("passed");
    assertThat(row(first.output(), "(lint-fmt)")).isEqualTo("passed");
    assertThat(row(first.output(), "(lint-doc)")).isEqualTo("passed");
    assertThat(row(first.output(), "(lint-opam)")).isEqualTo("skipped");
    assertThat(first.output()).containsPattern("opam-dune-lint cannot be had: neither .* has one");

    MillraceProcess.Ended again = run(List.of(EXAMPLES.resolve("hello").toString()), "--once");

    assertThat(again.status()).as(again.output()).isZero();
    assertThat(row(again.output(), "debian-13-5.3_opam-2.3")).isEqualTo("passed");
    assertThat(again.output())
        .as("nothing runs")
        .doesNotContain("running")
        .doesNotContain("passed  debian");

    TestProject changed =
        TestProject.copyOf(EXAMPLES.resolve("hello"), directory.resolve("hello"))
            .write("src/extra.ml", "let unused = 1\n")
            .commit("Add a source file");
    MillraceProcess.Ended after =
        run(all(List.of(changed.directory().toString()), EXAMPLE_PACKAGES), "--once");

    assertThat(after.status()).as(after.output()).isZero();
    assertThat(after.output()).contains("running  debian-13-5.3_opam-2.3");
    assertThat(after.output()).as("bases").doesNotContain("running  Base image");
    String log = newestLog("debian-13-5.3_opam-2.3");
    String before = log.substring(0, log.indexOf("(copy (src source)"));
    String behind = log.substring(log.indexOf("(copy (src source)"));
    assertThat(count("---> using \"[0-9a-f]+\" from cache", before)).isGreaterThan(5);
    assertThat(count("---> saved as", before)).as("steps before the sources are copied").isZero();
    assertThat(count("---> saved as", behind)).as("the copy and the build").isEqualTo(2);
  }

  /** The log of the newest job of a description. */
  private static String newestLog(String description) throws IOException {
    try (Stream<Path> logs = Files.walk(shared.resolve("state/job"))) {
      return logs.filter(path -> path.toString().endsWith(".log"))
          .sorted(Comparator.reverseOrder())
          .map(LocalIT::read)
          .filter(text -> text.contains("New job: " + description + "\n"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("No log of " + description));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long count(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }

  @Test
  void twoPackagesWithRealDependenciesPass() throws Exception {
    assertThat(passing("till"))
        .containsPattern("installed .*fmt")
        .containsPattern("installed .*cmdliner")
        .containsPattern("installed .*logs")
        .contains("To reproduce locally:")
        .contains("END-REPRO-BLOCK");
  }

  /** The same with what takes minutes to compile: at night. */
  @Test
  void twoPackagesWithManyRealDependenciesPass() throws Exception {
    assumeTrue(
        Experiment.Tier.current() != Experiment.Tier.CHECK, "only with --nightly: takes minutes");

    assertThat(passing("ledger"))
        .containsPattern("installed .*ppx_sexp_conv")
        .containsPattern("installed .*alcotest");
  }

  /** The log of the build of a project of which everything passes. */
  private String passing(String project) throws Exception {
    MillraceProcess.Ended ended = inTheRealWorld(copyOf(project));

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(row(ended.output(), "debian-13-5.3_opam-2.3")).isEqualTo("passed");
    assertThat(row(ended.output(), "(lower-bound)")).isEqualTo("passed");
    assertThat(row(ended.output(), "(lint-doc)")).isEqualTo("passed");
    return newestLog("debian-13-5.3_opam-2.3");
  }

  /** On the packages of the project that passes, so that they are compiled once for both. */
  @Test
  void aFailingTestIsShownWithItsOutputOnce() throws Exception {
    TestProject broken =
        copyOf("till")
            .write(
                "test/test_till.ml",
                """
                let () =
                  if Till.total [ { item = "tea"; price = 1900 } ] <> 0 then (
                    prerr_endline "one tea: expected to cost nothing";
                    exit 1)
                """)
            .commit("Expect too much");

    assertItsFailureIsShown(inTheRealWorld(broken), "one tea: expected to cost nothing");
  }

  /** The same with a project that never passed: at night. */
  @Test
  void aProjectThatNeverPassedIsShownToFail() throws Exception {
    assumeTrue(
        Experiment.Tier.current() != Experiment.Tier.CHECK, "only with --nightly: takes minutes");

    assertItsFailureIsShown(inTheRealWorld(copyOf("leap")), "1900: expected no leap year");
  }

  private static void assertItsFailureIsShown(MillraceProcess.Ended ended, String line) {
    assertThat(ended.status()).as(ended.output()).isEqualTo(1);
    assertThat(row(ended.output(), "debian-13-5.3_opam-2.3")).isEqualTo("failed");
    assertThat(row(ended.output(), "(lint-doc)")).as(ended.output()).isEqualTo("passed");
    assertThat(count(line, ended.output())).isEqualTo(1);
    Matcher log = Pattern.compile("log: +(/\\S+\\.log)").matcher(ended.output());
    assertThat(log.find()).as(ended.output()).isTrue();
    assertThat(Path.of(log.group(1))).content().contains(line);
    assertThat(ended.output()).containsPattern("page: +http://localhost:\\d+/job/\\S+");
  }

  @Test
  void anUnsatisfiableDependencyIsExplained() throws Exception {
    MillraceProcess.Ended ended = inTheRealWorld(copyOf("tomorrow"));

    assertThat(ended.status()).as(ended.output()).isEqualTo(1);
    assertThat(row(ended.output(), "(analysis)")).isEqualTo("failed");
    assertThat(ended.output())
        .containsOnlyOnce("- lwt -> (problem)")
        .containsOnlyOnce("tomorrow dev requires >= 99.0")
        .containsPattern(
            "\nFailed: No solution found for tomorrow.dev on any supported platform\n");
  }

  /** Not the project's failure; and no earlier run's output beside it. */
  @Test
  void anOpamRepositoryThatCannotBeReachedIsTheMachinesFailure() throws Exception {
    TestProject project = smallProject("unreachable", "let () = ()\n");
    List<String> here = all(List.of(project.directory().toString()), DEBIAN_13);
    assertThat(run(all(here, EXAMPLE_PACKAGES), "--once").status()).isZero();

    MillraceProcess.Ended ended =
        run(here, "--once", "--opam-repository", "https://nosuch.invalid/repository.git");

    assertThat(ended.status()).as(ended.output()).isEqualTo(3);
    assertThat(row(ended.output(), "opam repository")).isEqualTo("CI");
    assertThat(ended.output())
        .contains("\nCI error: ")
        .contains("cannot find the host nosuch.invalid")
        .doesNotContain("  | ");
  }

  private TestProject copyOf(String project) throws IOException, InterruptedException {
    return TestProject.copyOf(PROJECTS.resolve(project), directory.resolve(project));
  }

  private MillraceProcess.Ended inTheRealWorld(TestProject project)
      throws IOException, InterruptedException {
    OpamWorld world = OpamWorld.open();
    return run(
        all(
            List.of(
                project.directory().toString(),
                "--opam-repository",
                world.repository().toString(),
                "--archive-mirror",
                world.archives().toString()),
            DEBIAN_13),
        "--once",
        "--jobs",
        "2");
  }

  /** Vendored and pinned packages are built with the project, and not looked for elsewhere. */
  @Test
  void vendoredAndPinnedPackagesAreUsed() throws Exception {
    TestProject pinned =
        TestProject.empty(directory.resolve("pinned"))
            .write("dune-project", "(lang dune 2.9)\n")
            .write("pinned.opam", opamFile("\"ocaml\" \"dune\"", ""))
            .write("dune", "(library (name pinned) (public_name pinned))\n")
            .write("pinned.ml", "let word = \"pinned\"\n")
            .commit("First");
    TestProject project =
        TestProject.empty(directory.resolve("whole"))
            .write("dune-project", "(lang dune 2.9)\n")
            .write(
                "whole.opam",
                opamFile(
                    "\"ocaml\" \"dune\" \"vendored\" \"pinned\"",
                    "pin-depends: [[\"pinned.dev\" \"git+file://%s#%s\"]]\n"
                        .formatted(pinned.directory(), pinned.head())))
            .write("test/dune", "(test (name test) (libraries vendored pinned))\n")
            .write("test/test.ml", "let () = print_endline (Vendored.word ^ Pinned.word)\n")
            .write("test/test.expected", "vendoredpinned\n")
            .write("vendor/vendored/vendored.opam", opamFile("\"ocaml\" \"dune\"", ""))
            .write("vendor/vendored/dune", "(library (name vendored) (public_name vendored))\n")
            .write("vendor/vendored/vendored.ml", "let word = \"vendored\"\n")
            .write("vendor/vendored/dune-project", "(lang dune 2.9)\n")
            .commit("First");

    MillraceProcess.Ended ended =
        run(
            all(all(List.of(project.directory().toString()), EXAMPLE_PACKAGES), DEBIAN_13),
            "--once");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(row(ended.output(), "debian-13-5.3_opam-2.3")).isEqualTo("passed");
  }

  private static String opamFile(String depends, String more) {
    return """
    opam-version: "2.0"
    synopsis: "For a test"
    maintainer: "The Millrace maintainers"
    license: "ISC"
    depends: [ %s ]
    build: [["dune" "build" "-p" name]]
    %s"""
        .formatted(depends, more);
  }

  /** A crash in the middle of a build costs that build and nothing else. */
  @Test
  void whatHadFinishedBeforeACrashIsNotRepeated() throws Exception {
    TestProject project = smallProject("crash", "let () = Unix.sleepf 6.\n");
    List<String> options =
        all(all(List.of(project.directory().toString()), EXAMPLE_PACKAGES), DEBIAN_13);

    // One job after the other: the lints, then the build and its lower bound, which are the same.
    try (MillraceProcess crashing = start(options, "--once", "--jobs", "1")) {
      crashing.awaitText("passed  (lint-doc)");
      await("the step to run")
          .atMost(Duration.ofMinutes(2))
          .until(
              () ->
                  isAtItsLastStep(newestLog("debian-13-5.3_opam-2.3"))
                      || isAtItsLastStep(newestLog("(lower-bound)")));
      crashing.kill();
    }
    MillraceProcess.Ended ended = run(options, "--once", "--jobs", "1");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(row(ended.output(), "debian-13-5.3_opam-2.3")).isEqualTo("passed");
    assertThat(row(ended.output(), "(lint-doc)")).isEqualTo("passed");
    assertThat(ended.output())
        .contains("passed  debian-13-5.3_opam-2.3 (")
        .doesNotContain("(lint-doc) (")
        .doesNotContain("(analysis) (")
        .doesNotContain("Base image of");
    assertThat(
            count(
                "---> saved as", newestLog("debian-13-5.3_opam-2.3") + newestLog("(lower-bound)")))
        .as("steps made again")
        .isEqualTo(1);
  }

  private static boolean isAtItsLastStep(String log) {
    return log.lastIndexOf("(shell \"opam exec -- dune build") > log.lastIndexOf("---> ");
  }

  /** It stays, serves, sees the next commit by itself, and ends tidily when asked to. */
  @Test
  void aNewCommitStartsANewRoundByItself() throws Exception {
    TestProject project = smallProject("watched", "let () = ()\n");

    try (MillraceProcess serving =
        start(all(all(List.of(project.directory().toString()), EXAMPLE_PACKAGES), DEBIAN_13))) {
      serving.awaitText("\nPassed\n");
      Matcher address =
          Pattern.compile("Serving (http://\\S+)").matcher(serving.awaitText("Serving"));
      assertThat(address.find()).isTrue();
      assertThat(get(address.group(1) + "health").statusCode()).isEqualTo(200);
      assertThat(MillraceProcess.HOME.resolve("docs/metrics.md"))
          .content()
          .contains(metricNames(get(address.group(1) + "metrics").body()));
      project.write("test/test.ml", "let () = exit 1\n").commit("Break the test");
      String output = serving.awaitText("\nFailed: ");
      assertThat(output)
          .as("what was known of the old commit is not begun for the new one")
          .doesNotContain("cancelled");
      assertThat(output)
          .contains(": opam exec -- dune build @install @check @runtest && rm -rf _build failed");
      assertThat(get(address.group(1)).body())
          .containsPattern("<title>[^<]* · watched at [0-9a-f]{7}: Break the test · ")
          .containsPattern("id=\"subject\">watched at [0-9a-f]{7}: Break the test<");
      assertThat(row(output.substring(output.indexOf("\nPassed\n")), "debian-13-5.3_opam-2.3"))
          .isEqualTo("failed");
      serving.terminate();

      MillraceProcess.Ended ended = serving.await();
      assertThat(ended.status()).as("ended by SIGTERM").isEqualTo(128 + 15);
      assertThat(ended.output())
          .doesNotContain("WARN")
          .doesNotContain("ERROR")
          .doesNotContain("bug");
    }
  }

  /** Who looks at the terminal alone is told where to go on. */
  @Test
  void whatWaitsForApprovalIsSaid() throws Exception {
    TestProject project = smallProject("asked", "let () = ()\n");

    try (MillraceProcess waiting =
        start(
            all(all(List.of(project.directory().toString()), EXAMPLE_PACKAGES), DEBIAN_13),
            "--once",
            "--confirm",
            "average")) {
      String output = waiting.awaitText("needs approval  debian-13-5.3_opam-2.3: approve it at ");
      assertThat(output).containsPattern("approve it at http://localhost:\\d+/job/\\S+");
      waiting.terminate();
      assertThat(waiting.await().output())
          .doesNotContain("WARN")
          .doesNotContain("ERROR")
          .doesNotContain("bug");
    }
  }

  private static HttpResponse<String> get(String address) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(address)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static List<String> metricNames(String text) {
    List<String> names =
        text.lines()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> "`" + line.split(" ")[2] + "`")
            .toList();
    assertThat(names).hasSizeGreaterThan(10);
    return names;
  }

  /** A project whose only dependency is dune, with this test program. */
  private TestProject smallProject(String name, String test)
      throws IOException, InterruptedException {
    return TestProject.empty(directory.resolve(name))
        .write("dune-project", "(lang dune 2.9)\n")
        .write("small.opam", opamFile("\"ocaml\" \"dune\"", ""))
        .write("test/dune", "(test (name test) (libraries unix))\n")
        .write("test/test.ml", test)
        .commit("First");
  }
}
