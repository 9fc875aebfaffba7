package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the commands about packages print what they promise and end with the codes they promise.
 */
class SolveCommandTest {
  private static final PersonIdent AUTHOR = new PersonIdent("a", "a@example.org");

  @TempDir private Path directory;
  private Path repository;
  private String base;
  private String head;

  private record Result(int code, String out, String err) {}

  @BeforeEach
  void makeRepository() throws Exception {
    repository = directory.resolve("repository");
    base =
        commit(
            Map.of(
                "ocaml.5.3.0", "",
                "ocaml.4.14.2", "",
                "a.1", "depends: ['b' {with-test} 'ocaml']",
                "a.2", "depends: ['b' {with-test} 'ocaml' {>= '5'}] available: os = 'linux'",
                "b.1", "",
                "c.1", "depends: 'a' {>= '2'}"));
    head = commit(Map.of("a.3", "depends: 'missing'", "b.2", ""));
  }

  private String commit(Map<String, String> packages) throws Exception {
    for (var pkg : packages.entrySet()) {
      String name = pkg.getKey().substring(0, pkg.getKey().indexOf('.'));
      Path file = repository.resolve("packages/" + name + "/" + pkg.getKey() + "/opam");
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, "opam-version: \"2.0\"\n" + pkg.getValue().replace('\'', '"'));
    }
    try (Git git = Git.init().setDirectory(repository.toFile()).call()) {
      git.add().addFilepattern(".").call();
      return git.commit()
          .setMessage("x")
          .setSign(false)
          .setAuthor(AUTHOR)
          .setCommitter(AUTHOR)
          .call()
          .name();
    }
  }

  /** Runs a command on the repository, whose commit may stand first as {@code @COMMIT}. */
  private Result run(String... arguments) {
    List<String> all = new ArrayList<>();
    String at = "";
    for (String argument : arguments) {
      if (argument.startsWith("@")) {
        at = argument;
      } else {
        all.add(argument);
      }
    }
    all.addAll(
        List.of("--repository", repository + at, "--state-dir", directory.resolve("s").toString()));
    return runPlain(all);
  }

  private static Result runPlain(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(arguments, new PrintWriter(out), new PrintWriter(err, true));
    return new Result(code, out.toString(), err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "a # a.2 ocaml.5.3.0",
        "a.1 # a.1 ocaml.5.3.0",
        "a --ocaml 4.14.2 # a.1 ocaml.4.14.2",
        "a --os macos # a.1 ocaml.5.3.0",
        "a --oldest # a.1 ocaml.4.14.2",
        "a --with-test a # a.2 b.2 ocaml.5.3.0",
        "c b # a.2 b.2 c.1 ocaml.5.3.0"
      })
  void printsOnePackageALine(String arguments, String expected) {
    List<String> all = new ArrayList<>(List.of("solve"));
    all.addAll(List.of(arguments.strip().split(" ")));

    assertThat(run(all.toArray(String[]::new)))
        .isEqualTo(new Result(0, expected.strip().replace(" ", "\n") + "\n", ""));
  }

  @Test
  void aCommitIsSolvedAsItWas() {
    assertThat(run("@" + base, "solve", "b").out()).isEqualTo("b.1\n");
    assertThat(run("@" + base.substring(0, 12), "solve", "b").out()).isEqualTo("b.1\n");
    assertThat(run("@nowhere", "solve", "b"))
        .satisfies(result -> assertThat(result.code()).isEqualTo(1))
        .satisfies(result -> assertThat(result.err()).contains("nowhere", "no such commit"));
  }

  @Test
  void explainsAndExitsWith1() {
    Result plain = run("solve", "c", "--ocaml", "4.14.2");
    Result explained = run("solve", "c", "--ocaml", "4.14.2", "--explain");

    assertThat(plain.code()).isEqualTo(1);
    assertThat(plain.out()).startsWith("Can't find all required versions.\nSelected: ");
    assertThat(explained.out())
        .startsWith(plain.out())
        .contains(
            "These do not go together:\n  - c is wanted (the request)\n  - c.1 needs a >= 2",
            "  - ocaml must be = 4.14.2 (the request)\n",
            "Any of these would help:\n  - take ocaml.5.3.0 instead of ocaml = 4.14.2\n");
  }

  @Test
  void printsJson() {
    assertThat(run("solve", "b", "--json").out())
        .isEqualTo("{\"ok\":true,\"packages\":[\"b.2\"]}\n");
    assertThat(run("solve", "a.3", "--json", "--explain").out())
        .startsWith("{\"ok\":false,\"diagnostics\":\"Can't find")
        .contains("\"conflict\":{\"reasons\":[", "\"remedies\":[");
  }

  @Test
  void pinsAFile() throws Exception {
    Path file = directory.resolve("a.opam");
    Files.writeString(file, "opam-version: \"2.0\"\ndepends: \"b\"\n");

    assertThat(run("solve", "--pin", file.toString()).out()).isEqualTo("a.dev\nb.2\n");
    Files.writeString(file, "opam-version: [\n");
    assertThat(run("solve", "--pin", file.toString()))
        .satisfies(result -> assertThat(result.code()).isEqualTo(1))
        .satisfies(result -> assertThat(result.err()).contains("a.opam:2:1: expected a value"));
  }

  @Test
  void repositoriesLieOverEachOther() throws Exception {
    Path plain = directory.resolve("plain");
    Path file = plain.resolve("packages/b/b.3/opam");
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, "opam-version: \"2.0\"\n");

    assertThat(run("solve", "b", "--repository", plain.toString()).out()).isEqualTo("b.3\n");
    assertThat(runPlain(List.of("solve", "b", "--repository", plain.toString())).out())
        .isEqualTo("b.3\n");
  }

  @Test
  void answersRequestsInTheirOrder() throws Exception {
    Path file = directory.resolve("requests");
    Files.writeString(
        file,
        """
        {"id": "1", "roots": ["a"], "constraints": [["ocaml", "=", "4.14.2"]], "env": {"os": "linux"}}
        {"id": "2", "roots": ["c"], "constraints": [["a", "<", "2"]], "env": {}, "ok": true, "ms": 1}

        {"id": "3", "roots": []}
        nonsense
        {"id": "5", "roots": ["b"], "pins": [["b", "dev", "b.1"]]}
        """);

    Result result = run("solve", "--requests", file.toString(), "--jobs", "2");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .matches("5 requests: 2 solved, 1 without a solution, 2 not answered; .* requests/s\n");
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0))
        .isEqualTo(
            "{\"id\":\"1\",\"roots\":[\"a\"],\"constraints\":[[\"ocaml\",\"=\",\"4.14.2\"]],\"env\":{\"os\":\"linux\"},\"ok\":true,\"packages\":[\"a.1\",\"ocaml.4.14.2\"]}");
    assertThat(lines.get(1))
        .contains("\"id\":\"2\"", "\"ok\":false", "\"diagnostics\":\"Can't")
        .doesNotContain("ms\"");
    assertThat(lines.get(2)).contains("\"error\":\"roots must name at least one package\"");
    assertThat(lines.get(3)).contains("\"error\":\"the line is not JSON");
    assertThat(lines.get(4)).contains("\"packages\":[\"b.dev\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "solve # 2 # Which packages?",
        "solve a..b$ # 2 # must be",
        "solve $ # 2 # Cannot use",
        "solve a --ocaml $ # 2 # --ocaml: Cannot use",
        "solve a --jobs 0 # 2 # must be at least 1",
        "solve a --requests x # 2 # With --requests",
        "revdeps a # 2 # must be NAME.VERSION",
        "revdeps a.9 # 1 # The repository has no a.9",
        "opam show zz # 1 # The repository has no package zz",
        "opam show a.9 # 1 # versions: 1 2 3",
        "opam # 2 # Which command?",
        "solver # 2 # Which command?"
      })
  void saysWhatIsWrong(String arguments, int code, String message) {
    List<String> words = List.of(arguments.strip().split(" "));
    Result result =
        words.size() == 1 && !words.getFirst().equals("solve")
            ? runPlain(words)
            : run(words.toArray(String[]::new));

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).contains(message.strip());
  }

  @Test
  void aRepositoryThatIsNoneIsNamed() {
    assertThat(runPlain(List.of("solve", "a", "--repository", directory + "/none")).err())
        .contains("neither a git URL nor a directory");
    assertThat(runPlain(List.of("solve", "a", "--repository", directory.toString())).err())
        .contains("must hold a directory packages");
  }

  @Test
  void listsWhatDependsOnAVersion() {
    assertThat(run("revdeps", "a.2").out()).isEqualTo("c.1\n");
    assertThat(run("revdeps", "a.1").out()).isEmpty();
    assertThat(run("revdeps", "ocaml.5.3.0").out()).isEqualTo("a.1\na.2\nc.1\n");
    assertThat(run("revdeps", "ocaml.4.14.2", "--json").out())
        .isEqualTo("{\"package\":\"ocaml.4.14.2\",\"revdeps\":[\"a.1\"]}\n");
  }

  @Test
  void saysWhatACommitChanges() {
    assertThat(run("opam", "delta", base, head).out()).isEqualTo("+ b.2\n");
    assertThat(run("opam", "delta", head, base, "--ocaml", "5.3.0").out()).isEqualTo("- b.2\n");
    assertThat(run("opam", "delta", base, head, "--json").out())
        .isEqualTo(
            "{\"distro\":\"debian-13\",\"package\":\"b.2\",\"effect\":\"installable\",\"after\":[\"b.2\"]}\n");
    assertThat(run("opam", "delta", base, base).out()).isEmpty();
  }

  @Test
  void keepsTheAnswersForACommitAndForThoseThatFollow() throws Exception {
    String later = commit(Map.of("c.2", "depends: 'b' {>= '2'}"));

    assertThat(run("opam", "delta", base, head).out()).isEqualTo("+ b.2\n");
    assertThat(directory.resolve("s/opam-delta")).doesNotExist();
    assertThat(run("opam", "delta", "--keep", base, head)).isEqualTo(new Result(0, "+ b.2\n", ""));
    assertThat(directory.resolve("s/opam-delta")).isDirectoryContaining("glob:**/install-*");
    assertThat(run("opam", "delta", head, later)).isEqualTo(new Result(0, "+ c.2\n", ""));
    assertThat(run("opam", "delta", later, base).out()).isEqualTo("- b.2\n- c.2\n");
    try (var kept = Files.list(directory.resolve("s/opam-delta"))) {
      assertThat(kept).hasSize(3);
    }
  }

  @Test
  void showsAPackage() {
    assertThat(run("opam", "show", "a").out())
        .contains("version         3\n", "all-versions    1 2 3\n", "depends         missing\n");
    assertThat(run("opam", "show", "a.2", "--raw").out()).startsWith("opam-version: \"2.0\"\n");
    assertThat(run("opam", "show", "a.2", "--json").out())
        .contains("\"available\":\"os = \\\"linux\\\"\"");
  }

  @Test
  void lints() throws Exception {
    Path file = directory.resolve("x.opam");
    Files.writeString(file, "opam-version: \"2.0\"\nflags: nonsense\n");

    Result full = runPlain(List.of("opam", "lint", file.toString()));
    assertThat(full.code()).isEqualTo(1);
    assertThat(full.out())
        .startsWith(file + ": Errors.\n      error 23: Missing field 'maintainer'\n")
        .contains("\n    warning 25: Missing field 'authors'\n");
    assertThat(
            runPlain(List.of("opam", "lint", "-s", "-W", "-23..27-29..99", file.toString())).out())
        .isEqualTo("28\n");
    assertThat(runPlain(List.of("opam", "lint", "-W", "-0..99", file.toString())))
        .isEqualTo(new Result(0, file + ": Passed.\n", ""));
    assertThat(runPlain(List.of("opam", "lint", "-W", "x", file.toString())).code()).isEqualTo(2);
    assertThat(runPlain(List.of("opam", "lint", directory + "/none")).out())
        .contains("error  0: File is missing");
    assertThat(runPlain(List.of("opam", "lint", directory + "/none", file.toString())).out())
        .contains(directory + "/none: Errors.\n", file + ": Errors.\n");
  }

  @Test
  void looksUpstreamWhenAsked() throws Exception {
    String hash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    Path mirrored = directory.resolve("mirror/sha256/58/" + hash);
    Files.createDirectories(mirrored.resolveSibling(""));
    Files.writeString(mirrored, "hello\n");
    Path file = directory.resolve("x.opam");
    String text =
        "opam-version: \"2.0\"\nurl { src: \"http://127.0.0.1:1/x.tgz\" checksum: \"sha256=%s\" }\n";
    Files.writeString(file, text.formatted(hash));
    List<String> lint =
        List.of("opam", "lint", "-W", "-0..59-61..99", "--check-upstream", file.toString());

    assertThat(runPlain(lint).code()).isEqualTo(1);
    assertThat(runPlain(lint).out()).contains("error 60: Upstream check failed: ", "127.0.0.1");
    List<String> mirror =
        Stream.concat(lint.stream(), Stream.of("--archive-mirror", directory + "/mirror")).toList();
    assertThat(runPlain(mirror)).isEqualTo(new Result(0, file + ": Passed.\n", ""));
    Files.writeString(mirrored, "spoilt\n");
    assertThat(runPlain(mirror).out()).contains("error 60: ");
    Files.writeString(file, text.formatted(hash).replace("http:", "git+http:"));
    assertThat(runPlain(lint)).isEqualTo(new Result(0, file + ": Passed.\n", ""));
  }
}
