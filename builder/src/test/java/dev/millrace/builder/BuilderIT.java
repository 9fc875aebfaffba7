package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole builder, with runc on the overlay store. */
class BuilderIT {
  private static final Path GOLDEN =
      Path.of(System.getProperty("millrace.root", "."))
          .toAbsolutePath()
          .resolveSibling("shared")
          .resolve("golden/obuilder");

  @TempDir Path temporary;

  private StepTrees trees;
  private Store store;
  private RuncSandbox sandbox;
  private Builder builder;
  private BuildContext context;

  @BeforeEach
  void open() throws IOException, InterruptedException {
    assumeTrue(UserIds.isRoot(), "NOT TESTED: the overlay store needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/runc")), "NOT TESTED: runc is not installed");
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    trees = StepTrees.ofThisUser();
    store = OverlayStore.open(temporary.resolve("store"), trees);
    sandbox = RuncSandbox.open(trees.hostId(0), SandboxOptions.in(temporary.resolve("run")));
    builder =
        Builder.open(
            BuilderConfig.in(temporary.resolve("state")), store, sandbox, new HostPrograms(trees));
    context = BuildContext.of(Files.createDirectory(temporary.resolve("src")));
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    if (builder != null) {
      builder.close();
      sandbox.close();
      store.close();
      assertThat(Mounts.below(temporary)).isEmpty();
      trees.delete(temporary.resolve("store"));
    }
  }

  private String build(String spec) throws InterruptedException {
    RecordingLog log = new RecordingLog();
    BuildResult result = builder.build(Spec.parse(spec), context, log);
    return switch (result) {
      case BuildResult.Built(SnapshotId id) -> log + "Got: \"" + id + "\"\n";
      case BuildResult.Failed(String message) -> log + "Build step failed: " + message;
    };
  }

  /** Real builds, and what OBuilder printed for them, ids included. */
  @Test
  void buildsAsTheOriginal() throws Exception {
    assumeTrue(Files.isDirectory(GOLDEN), "NOT TESTED: the output of OBuilder is not at " + GOLDEN);
    copyContext();
    JsonMapper mapper = new JsonMapper();
    for (String text : Files.readAllLines(GOLDEN.resolve("build.jsonl"))) {
      JsonNode line = mapper.readTree(text);
      String name = line.get("spec").asString();
      String spec = Files.readString(GOLDEN.resolve("specs").resolve(name + ".spec"));
      String expected =
          line.get("stdout").asString() + line.get("stderr").asString().stripTrailing();

      assertThat(build(spec).strip())
          .as("%s, %s", name, line.get("run").asString())
          .isEqualTo(expected.strip());
    }
  }

  /** The context, with the link that may have arrived as a file. */
  private void copyContext() throws IOException, InterruptedException {
    Path source = GOLDEN.resolve("context");
    Command.of("cp", "-rT", source.toString(), context.sources().toString()).read(1000);
    Command.of("chmod", "-R", "u+w", context.sources().toString()).read(1000);
    Path link = context.sources().resolve("sub/link");
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("a"));
  }

  @Test
  void aCopyLeavesTheDirectoriesThatAreThere() throws Exception {
    Files.writeString(context.sources().resolve("f"), "x");

    assertThat(
            build(
                """
                ((from base)
                 (run (shell "chmod 700 /home && ln -s home /link && mkdir /home/there"))
                 (user (uid 1000) (gid 1001))
                 (copy (src f) (dst /home/new/sub/))
                 (copy (src f) (dst /link/there/))
                 (user (uid 0) (gid 0))
                 (run (shell "stat -c '%n %u:%g %a' /home /home/new /home/new/sub/f /home/there /link/there/f; ls -ld /link | head -c 1")))
                """))
        .contains(
            """
            /home 0:0 700
            /home/new 1000:1001 755
            /home/new/sub/f 1000:1001 644
            /home/there 0:0 755
            /link/there/f 1000:1001 644
            l""");
  }

  @Test
  void aCopyFromABuildSeesAllItsSteps() throws Exception {
    assertThat(
            build(
                """
                ((build dev ((from base) (run (shell "echo one > /a")) (run (shell "echo two > /b; rm -rf /tmp"))))
                 (from base)
                 (copy (from (build dev)) (src a b) (dst /in/))
                 (run (shell "cat /in/a /in/b; ls -d /tmp")))
                """))
        .contains("one\ntwo\n/tmp\n");
  }

  @Test
  void cachesKeepTheirOwnersAndContents() throws Exception {
    String step = "(run (cache (c (target /var/c))) (shell \"%s\"))";

    assertThat(
            build(
                "((from base) (user (uid 1000) (gid 1000))"
                    + step.formatted("stat -c %u /var/c; echo x > /var/c/f")
                    + step.formatted("cat /var/c/f; stat -c %u:%g /var/c/f")
                    + ")"))
        .contains("\n1000\n--->")
        .contains("\nx\n1000:1000\n");
  }

  @Test
  void nothingOfAStepBelongsToAnyoneOnTheHost() throws Exception {
    build("((from base) (user (uid 1000) (gid 1000)) (run (shell \"touch /tmp/mine\")))");

    try (Store.View view = builder.openSnapshot(builder.list().getLast().id())) {
      for (String file : List.of("bin/bash", "tmp/mine", "etc")) {
        assertThat((Integer) Files.getAttribute(view.rootfs().resolve(file), "unix:uid"))
            .isGreaterThanOrEqualTo(StepTrees.HOST_ID_BASE);
      }
    }
    String nobody =
        Command.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "sh",
                "-c",
                "ls \"$0\" 2>&1; true",
                temporary.resolve("store").toString())
            .read(1000);
    assertThat(nobody).contains("Permission denied");
  }

  @Test
  void aKilledStepLeavesNothing() throws Exception {
    RecordingLog log = new RecordingLog();
    Thread client =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    builder.build(
                        Spec.parse("((from base) (run (shell \"echo on; sleep 1000\")))"),
                        context,
                        log);
                  } catch (InterruptedException e) {
                    log.note("cancelled");
                  }
                });
    log.await("on\n");

    client.interrupt();
    log.await("cancelled");
    builder.close();

    assertThat(StoreFolders.children(temporary.resolve("store/draft"))).isEmpty();
    assertThat(Mounts.below(temporary)).isEmpty();
  }
}
