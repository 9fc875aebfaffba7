package dev.millrace.builder;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * What {@link RootlessIT} runs as an ordinary user: {@code java RootlessCases runc|bubblewrap
 * ARCHIVE DIRECTORY} unpacks the archive below the directory and runs the contract there.
 */
final class RootlessCases {
  private RootlessCases() {}

  /** Set by {@link #main} before any test runs. */
  private static Path directory = Path.of("unset");

  private static StepTrees trees = new RootlessStepTrees(new SubordinateIds("unset", true, 0));

  static void main(String[] arguments) throws IOException, InterruptedException {
    trees = StepTrees.ofThisUser();
    directory = Path.of(arguments[2]);
    Path rootfs = directory.resolve("rootfs");
    trees.createDirectory(rootfs, User.ROOT, 0755);
    new ArchiveFetcher(trees)
        .fetch(ArchiveFetcher.SCHEME + arguments[1], rootfs, new RecordingLog());
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
            .selectors(selectClass(arguments[0].equals("runc") ? Runc.class : Bubblewrap.class))
            .build(),
        summary);
    trees.delete(rootfs);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    summary.getSummary().printFailuresTo(out, 20);
    long succeeded = summary.getSummary().getTestsSucceededCount();
    long failed = summary.getSummary().getTotalFailureCount();
    out.println(succeeded + " succeeded, " + failed + " failed");
    System.exit(failed == 0 && succeeded > 0 ? 0 : 1);
  }

  abstract static class Rootless extends SandboxContract {
    @Override
    Path rootfs() {
      return directory.resolve("rootfs");
    }

    @Override
    Path newDirectory() throws IOException, InterruptedException {
      Path made = Files.createTempDirectory(directory, "mount");
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.writeString(made.resolve("note"), "read me");
      trees.chown(made, OPAM);
      return made;
    }
  }

  static final class Runc extends Rootless {
    private RuncSandbox sandbox;

    @BeforeEach
    void open() throws Exception {
      sandbox = RuncSandbox.openRootless(SandboxOptions.in(directory.resolve("run")));
    }

    @AfterEach
    void close() {
      sandbox.close();
    }

    @Override
    Sandbox sandbox() {
      return sandbox;
    }

    @Override
    boolean honoursSetUid() {
      return true;
    }
  }

  static final class Bubblewrap extends Rootless {
    private BubblewrapSandbox sandbox;

    @BeforeEach
    void open() throws Exception {
      sandbox = BubblewrapSandbox.open(SandboxOptions.in(directory.resolve("run")));
    }

    @AfterEach
    void close() {
      sandbox.close();
    }

    @Override
    Sandbox sandbox() {
      return sandbox;
    }

    @Override
    boolean honoursSetUid() {
      return true;
    }
  }
}
