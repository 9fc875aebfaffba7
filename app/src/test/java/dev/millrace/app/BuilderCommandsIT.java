package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import dev.millrace.builder.HostPrograms;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace builder} as a person uses it, on a base of this machine's own programs. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BuilderCommandsIT {
  private static final Pattern GOT = Pattern.compile("Got: \"([0-9a-f]{64})\"");

  @TempDir private Path directory;
  private Path sources;
  private Path base;

  @BeforeEach
  void setUp() throws IOException, InterruptedException {
    assumeTrue(System.getProperty("user.name").equals("root"), "NOT TESTED: needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "NOT TESTED: runc is not installed");
    // Steps run as users of their own, who must be able to pass.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    sources = Files.createDirectory(directory.resolve("src"));
    Files.writeString(sources.resolve("f"), "content\n");
    base = Files.createDirectory(directory.resolve("base")).resolve("root.tar");
    HostPrograms.write(base);
  }

  @AfterEach
  void nothingStays() throws IOException {
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .as("mounts")
        .noneMatch(line -> line.contains(directory.toString()));
  }

  private List<String> command(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of("builder", command));
    all.add("--store=overlayfs:" + directory.resolve("store"));
    all.addAll(List.of(arguments));
    return all;
  }

  /** The command as the program has it, without the second that a program takes to start. */
  private MillraceProcess.Ended run(String command, String... arguments) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text, true);
    int status = Main.run(command(command, arguments), out, out);
    return new MillraceProcess.Ended(status, text.toString());
  }

  private String pass(String command, String... arguments) {
    MillraceProcess.Ended ended = run(command, arguments);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private String[] build(String steps, String... more) throws IOException {
    Path spec = directory.resolve("spec");
    Files.writeString(spec, "((from archive:%s) (shell /bin/sh -c)\n%s)".formatted(base, steps));
    return Stream.concat(Stream.of("-f", spec.toString(), sources.toString()), Stream.of(more))
        .toArray(String[]::new);
  }

  private static String id(String output) {
    Matcher matcher = GOT.matcher(output);
    assertThat(matcher.find()).as(output).isTrue();
    return matcher.group(1);
  }

  @Test
  void aSpecIsBuiltOnceAndLookedAfter() throws Exception {
    String steps =
        """
        (user (uid 1000) (gid 1001)) (workdir /w) (env K v)
        (copy (src f) (dst /tmp/g))
        (run (cache (c (target /var/c))) (shell "echo $K > /tmp/made; echo said"))
        """;
    String first = pass("build", build(steps));

    assertThat(first).contains("said\n---> saved as \"").doesNotContain("from cache");
    String id = id(first);

    String again = pass("build", build(steps));

    assertThat(again).contains("said\n---> using \"" + id + "\" from cache\nGot: \"" + id);

    assertThat(pass("log", id.substring(0, 12))).isEqualTo("said\n");
    assertThat(pass("list").lines())
        .hasSize(3)
        .last()
        .asString()
        .startsWith(id.substring(0, 12))
        .contains("(run (cache (c (target /var/c))) (shell \"echo $K > /tmp/made; echo said\"))");
    assertThat(pass("df")).startsWith("3 results in overlayfs:").contains(" GiB free (");
    assertThat(
            pass(
                "run",
                id,
                "--",
                "sh",
                "-c",
                "pwd; id -u; id -g; echo $K; cat /tmp/made /tmp/g; ls -d /var/c; rm /tmp/made"))
        .isEqualTo("/w\n1000\n1001\nv\nv\ncontent\n/var/c\n");
    assertThat(pass("run", id, "cat", "/tmp/made")).as("it was thrown away").isEqualTo("v\n");
    assertThat(run("run", id, "--", "sh", "-c", "exit 7"))
        .isEqualTo(new MillraceProcess.Ended(1, "millrace: the command exited with status 7\n"));

    Path tar = directory.resolve("out.tar");
    pass("export", id, "-o", tar.toString());
    assertThat(Command.of("tar", "-tvf", tar.toString(), "--numeric-owner").read(1 << 20))
        .containsPattern("-rw-r--r-- 1000/1001 +2 .* ./tmp/made\n")
        .containsPattern(" 0/0 .* ./bin/bash\n");

    String base = pass("list").lines().findFirst().orElseThrow().substring(0, 12);
    assertThat(pass("prune", "--before", "1h")).isEqualTo("Removed 0 items\n");
    assertThat(pass("prune", "--limit", "1")).isEqualTo("Removing " + id + "\nRemoved 1 items\n");
    assertThat(pass("delete", base)).hasLineCount(2);
    assertThat(pass("clean")).isEqualTo("Removed 0 items\n");
    assertThat(run("delete", base).status()).isEqualTo(1);

    assertThat(pass("caches")).matches("20\\S+Z {2}c\n");
    assertThat(pass("caches", "--clear", "c")).isEqualTo("Removing c\n");
    assertThat(run("caches", "--clear", "c").output()).contains("There is no cache \"c\"");
    assertThat(pass("caches")).isEmpty();
  }

  @Test
  void whatAFailedStepLeftCanBeEntered() throws Exception {
    String steps = "(run (shell \"echo left > /tmp/left; false\"))";

    MillraceProcess.Ended failed = run("build", build(steps, "--keep-failed"));

    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.output()).contains("Build step failed: ").doesNotContain("Got: ");
    Matcher kept =
        Pattern.compile("---> failed, and kept as \"([0-9a-f]{64})\"").matcher(failed.output());
    assertThat(kept.find()).as(failed.output()).isTrue();
    assertThat(pass("run", kept.group(1), "--", "cat", "/tmp/left")).isEqualTo("left\n");
    assertThat(run("build", build(steps, "--keep-failed")).output())
        .as("in the place of the first")
        .contains(kept.group());
    assertThat(pass("list")).hasLineCount(2);
  }

  @Test
  void aStepIsStoppedWithItsBuild() throws Exception {
    try (MillraceProcess building =
        MillraceProcess.start(
            directory, command("build", build("(run (shell \"echo begun; sleep 97531\"))")))) {
      building.awaitText("\nbegun\n");
      building.terminate();
      MillraceProcess.Ended ended = building.await();

      assertThat(ended.status()).as(ended.output()).isEqualTo(128 + 15);
      assertThat(ended.output()).contains("Cancelled at user's request");
    }
    assertThat(Command.of("sh", "-c", "pgrep -f '[s]leep 97531' || true").read(1000)).isBlank();
    assertThat(pass("list")).as("the base alone").hasLineCount(1);
  }

  @Test
  void theHealthcheckRunsAStepEachTime() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(pass("healthcheck", "--base", "archive:" + base))
          .isEqualTo("Healthcheck passed\n");
      assertThat(pass("list")).as("the base alone").hasLineCount(1);
    }
    Files.writeString(base, "no archive");
    assertThat(pass("clean")).contains("Removed 1 items");

    MillraceProcess.Ended failed = run("healthcheck", "--base", "archive:" + base);

    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.output()).startsWith("millrace: Healthcheck failed: ");
  }

  @Test
  void eventsAreObjectsForScripts() throws Exception {
    List<JsonNode> events =
        pass("build", build("(run (shell \"echo said\"))", "--json"))
            .lines()
            .map(line -> JsonMapper.shared().readTree(line))
            .toList();

    assertThat(events.stream().map(event -> event.get("event").asString()))
        .containsSubsequence("heading", "started", "note", "heading", "started", "output")
        .endsWith("note", "built");
    assertThat(events.getLast().get("id").asString()).hasSize(64);
  }

  @Test
  void wrongInputIsToldWithItsPlace() throws Exception {
    String bad = directory.resolve("bad").toString();
    Files.writeString(Path.of(bad), "((from x)\n (rum (shell y)))");

    MillraceProcess.Ended ended = run("build", "-f", bad, sources.toString());
    MillraceProcess.Ended missing = run("build", "-f", "/none", sources.toString());

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).startsWith("millrace: " + bad + ":2:2: ").contains("rum");
    assertThat(missing).isEqualTo(new MillraceProcess.Ended(3, "millrace: no such file: /none\n"));
    assertThat(run("build", "--store=zip:/x", "-f", bad, ".").status()).isEqualTo(2);
  }
}
