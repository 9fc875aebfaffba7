package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.builder.KilledBuilder.Workplace;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a builder leaves that was killed in the middle of a step, and who removes it. */
class AfterKillIT {
  @TempDir private Path temporary;
  private Path directory;

  @BeforeEach
  void requireSandbox() throws IOException {
    // As an ordinary user it is run by RootlessIT.
    String program = UserIds.isRoot() ? "runc" : "bwrap";
    assumeTrue(SharedRoot.isInstalled(program), "NOT TESTED: " + program + " is not installed");
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    directory = Files.createDirectory(temporary.resolve("state"));
    Files.createDirectory(temporary.resolve("tmp"));
  }

  /** Starts a builder in another process, and returns when its step runs. */
  private Process start() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + temporary.resolve("tmp"),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                KilledBuilder.class.getName(),
                directory.toString())
            .redirectError(temporary.resolve("errors").toFile())
            .start();
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    assertThat(line).as(Files.readString(temporary.resolve("errors"))).isEqualTo("begun");
    return process;
  }

  @Test
  void theNextStartRemovesWhatAKilledBuilderLeft() throws Exception {
    Set<String> groups = KilledBuilder.groups();
    Process killed = start();
    try {
      // The step's, and that of the base in the making.
      await().until(() -> SandboxContract.processes("sleep\0001027").size() >= 2);
    } finally {
      killed.destroyForcibly().waitFor();
    }
    assertThat(KilledBuilder.leftOvers(directory)).isNotEmpty();
    // They end by themselves, and at once.
    await().until(() -> SandboxContract.processes(directory.toString()).isEmpty());
    await().until(() -> SandboxContract.processes("sleep\0001027").isEmpty());

    try (Workplace _ = Workplace.open(directory)) {
      // Already now, before anything is built.
      assertThat(KilledBuilder.leftOvers(directory)).isEmpty();
      assertThat(KilledBuilder.groups()).isSubsetOf(groups);
      assertThat(StoreFolders.children(directory.resolve("run")))
          .as("the new sandbox and its lock")
          .hasSize(2);
    }
    assertThat(StoreFolders.children(directory.resolve("run"))).isEmpty();
    assertThat(StoreFolders.children(temporary.resolve("tmp"))).isEmpty();
    StepTrees.ofThisUser().delete(directory);
  }

  @Test
  void theLivingAreLeftAlone() throws Exception {
    Process living = start();
    try {
      List<String> before = KilledBuilder.leftOvers(directory);

      Workplace.openSandbox(directory).close();
      BootstrapFetcher.open(StepTrees.ofThisUser(), directory.resolve("fetch"), Optional.empty());
      assertThatThrownBy(
              () -> OverlayStore.open(directory.resolve("store"), StepTrees.ofThisUser()))
          .isInstanceOf(BuilderException.class)
          .hasMessageContaining("process " + living.pid() + " uses it");

      assertThat(KilledBuilder.leftOvers(directory)).isEqualTo(before);
      assertThat(living.isAlive()).isTrue();
    } finally {
      living.destroyForcibly().waitFor();
    }
    Workplace.open(directory).close();
    StepTrees.ofThisUser().delete(directory);
  }
}
