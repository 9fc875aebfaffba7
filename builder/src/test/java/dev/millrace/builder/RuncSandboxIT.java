package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RuncSandboxIT extends SandboxContract {
  @TempDir private Path temp;
  private final Path runDirectory = Path.of("/run/millrace-test");
  private Path rootfs;
  private RuncSandbox sandbox;

  @BeforeEach
  void open() throws Exception {
    rootfs = SharedRoot.open();
    sandbox = RuncSandbox.open(StepTrees.HOST_ID_BASE, SandboxOptions.in(runDirectory));
  }

  @AfterEach
  void close() {
    if (sandbox != null) {
      sandbox.close();
    }
  }

  @Override
  Sandbox sandbox() {
    return sandbox;
  }

  @Override
  Path rootfs() {
    return rootfs;
  }

  @Override
  boolean honoursSetUid() {
    return true;
  }

  @Override
  Path newDirectory() throws IOException {
    Path directory = Files.createTempDirectory(temp, "mount");
    Files.writeString(directory.resolve("note"), "read me");
    Files.setAttribute(directory, "unix:uid", StepTrees.HOST_ID_BASE + 1000);
    Files.setAttribute(directory, "unix:gid", StepTrees.HOST_ID_BASE + 1000);
    return directory;
  }

  @Test
  void namesTheMemoryLimit() throws Exception {
    try (RuncSandbox small =
        RuncSandbox.open(
            StepTrees.HOST_ID_BASE, SandboxOptions.in(runDirectory).withMemoryBytesMax(32 << 20))) {
      assertThatThrownBy(
              () ->
                  small.run(
                      step(OPAM, "perl -e '$x = \"a\" x (200 << 20); print length $x'"),
                      _ -> {},
                      (_, _) -> {}))
          .isInstanceOf(LimitExceededException.class)
          .hasMessage("The step exceeded its memory limit of 32 MiB and was ended");
    }
  }

  @Test
  void namesTheLimitOfProcesses() throws Exception {
    try (RuncSandbox small =
        RuncSandbox.open(StepTrees.HOST_ID_BASE, SandboxOptions.in(runDirectory).withPidsMax(20))) {
      assertThatThrownBy(
              () ->
                  small.run(
                      step(
                          OPAM,
                          "perl -e 'for (1..50) { $p = fork; defined $p or exit 9; $p or sleep 9 }'"),
                      _ -> {},
                      (_, _) -> {}))
          .isInstanceOf(LimitExceededException.class)
          .hasMessage("The step failed after it exceeded its limit of 20 processes");
    }
  }

  @Test
  void removesWhatAKilledSandboxLeft() throws Exception {
    Path left = Files.createDirectories(runDirectory.resolve("sandbox-left/step-0"));
    Files.writeString(left.resolve("config.json"), "{}");
    Files.createFile(left.resolveSibling("lock"));

    RuncSandbox.open(StepTrees.HOST_ID_BASE, SandboxOptions.in(runDirectory)).close();

    assertThat(left.getParent()).doesNotExist();
  }
}
