package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code millrace local} says of input that it cannot use: one line, and an exit code. */
class LocalRefusalsIT {
  @TempDir private Path directory;

  @BeforeAll
  static void checkMachine() {
    assumeTrue(System.getProperty("user.name").equals("root"), "NOT TESTED: needs root");
    for (String program : List.of("git", "runc", "mmdebstrap")) {
      assumeTrue(
          Files.isExecutable(Path.of("/usr/bin", program))
              || Files.isExecutable(Path.of("/usr/sbin", program)),
          "NOT TESTED: " + program + " is not installed");
    }
  }

  /** Steps run as users of their own, who must be able to pass. */
  @BeforeEach
  void letEveryonePass() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private MillraceProcess.Ended run(Path project, String... options)
      throws IOException, InterruptedException {
    Map<String, String> usual = new LinkedHashMap<>();
    usual.put("--port", "0");
    usual.put("--state-dir", directory.resolve("state").toString());
    usual.put(
        "--opam-repository", MillraceProcess.HOME.resolve("examples/opam-repository").toString());
    for (int i = 0; i < options.length; i += 2) {
      usual.put(options[i], options[i + 1]);
    }
    List<String> arguments =
        new ArrayList<>(List.of("local", project.toString(), "--once", "--bootstrap"));
    usual.forEach((name, value) -> arguments.addAll(List.of(name, value)));
    try (MillraceProcess process = MillraceProcess.start(directory, arguments)) {
      return process.await();
    }
  }

  private void assertRefused(MillraceProcess.Ended ended, int status, String... parts) {
    assertThat(ended.status()).as(ended.output()).isEqualTo(status);
    assertThat(ended.output().lines().filter(line -> line.startsWith("millrace: ")))
        .as(ended.output())
        .singleElement()
        .satisfies(line -> assertThat(line).contains(parts));
    assertThat(ended.output()).doesNotContain("Exception").doesNotContain("\tat ");
  }

  private TestProject project(String name) throws IOException, InterruptedException {
    return TestProject.empty(directory.resolve(name)).write("a.txt", "a\n");
  }

  @Test
  void aDirectoryWithoutGit() throws Exception {
    Path plain = Files.createDirectory(directory.resolve("plain"));

    assertRefused(run(plain), 1, "\"" + plain + "\"", "not in a git repository", "git init");
  }

  @Test
  void aDirectoryThatIsNotThere() throws Exception {
    assertRefused(run(directory.resolve("nowhere")), 1, "nowhere", "no such directory");
  }

  @Test
  void aRepositoryWithoutCommits() throws Exception {
    assertRefused(run(project("new").directory()), 1, "no commits yet");
  }

  @Test
  void aProjectWithoutOpamFiles() throws Exception {
    MillraceProcess.Ended ended = run(project("other").commit("First").directory());

    assertThat(ended.status()).as(ended.output()).isEqualTo(1);
    assertThat(ended.output()).contains("\nFailed: No opam files found!\n");
  }

  @Test
  void anOpamFileWithASyntaxError() throws Exception {
    MillraceProcess.Ended ended =
        run(
            project("typo")
                .write("typo.opam", "opam-version: \"2.0\"\ndepends: [\n  \"ocaml\" {>= }\n]\n")
                .commit("First")
                .directory());

    assertThat(ended.status()).as(ended.output()).isEqualTo(1);
    assertThat(ended.output())
        .contains("\nFailed: Cannot read opam file: typo.opam:3:15: expected a value but found")
        .containsPattern("log: +/\\S+ci-extract\\S+\\.log");
  }

  @Test
  void anUnknownPlatform() throws Exception {
    Path project = project("some").commit("First").directory();

    assertRefused(
        run(project, "--platform", "debian-99-ocaml-5.3"),
        2,
        "\"debian-99-ocaml-5.3\"",
        "debian-13-ocaml-5.3");
  }

  @Test
  void aPortInUse() throws Exception {
    Path project = project("some").commit("First").directory();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());

      assertRefused(run(project, "--port", port), 2, port, "in use", "another address");
    }
  }

  @Test
  void aStateDirectoryThatCannotBeMade() throws Exception {
    Path project = project("some").commit("First").directory();
    Path file = Files.createFile(directory.resolve("file"));

    assertRefused(
        run(project, "--state-dir", file.toString()), 2, "\"" + file + "\"", "--state-dir");
    assertRefused(run(project, "--state-dir", "/proc/here"), 2, "/proc/here", "--state-dir");
  }

  @Test
  void anOpamRepositoryThatIsNone() throws Exception {
    Path project = project("some").commit("First").directory();

    assertRefused(run(project, "--opam-repository", "/nowhere"), 2, "\"/nowhere\"");
    assertRefused(
        run(project, "--opam-repository", "/etc"), 2, "\"/etc\"", "no \"packages\" directory");
  }

  @Test
  void anArchiveMirrorThatIsNone() throws Exception {
    Path project = project("some").commit("First").directory();

    assertRefused(run(project, "--archive-mirror", "/nowhere"), 2, "\"/nowhere\"", "directory");
  }

  @Test
  void anAddressThatIsNotHere() throws Exception {
    Path project = project("some").commit("First").directory();

    assertRefused(run(project, "--host", "999.1.2.3"), 2, "999.1.2.3", "--host");
    assertRefused(run(project, "--host", "nosuch.invalid"), 2, "nosuch.invalid", "--host");
    // Of a network for documentation, which no machine is in.
    assertRefused(run(project, "--host", "192.0.2.1"), 2, "192.0.2.1", "--host");
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  void numbersThatCannotBeMeant() throws Exception {
    Path project = project("some").commit("First").directory();

    assertRefused(run(project, "--jobs", "0"), 2, "Cannot run 0 jobs at once");
    assertRefused(run(project, "--port", "70000"), 2, "Cannot serve on port 70000");
  }

  /** From the first byte on, or in the middle of the work. */
  @Test
  void aFullDisk() throws Exception {
    Path project =
        TestProject.copyOf(
                MillraceProcess.HOME.resolve("examples/hello"), directory.resolve("hello"))
            .directory();
    for (String size : List.of("100k", "1m", "20m")) {
      Path small = Files.createDirectory(directory.resolve("disk-" + size));
      Command.of("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", small.toString())
          .read(1000);
      try {
        MillraceProcess.Ended ended = run(project, "--state-dir", small.toString());

        assertThat(ended.status()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).containsPattern("(?i)no space left|disk .*is full");
        assertThat(ended.output()).doesNotContain("\tat ");
      } finally {
        Command.of("umount", small.toString()).read(1000);
      }
    }
  }
}
