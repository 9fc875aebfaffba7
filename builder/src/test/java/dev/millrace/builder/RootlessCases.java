package dev.millrace.builder;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.millrace.base.Command;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * What {@link RootlessIT} runs as an ordinary user: {@code java RootlessCases CONTRACT|build
 * ARCHIVE DIRECTORY} unpacks the archive below the directory and runs the contract, or builds a
 * spec on it, there.
 */
final class RootlessCases {
  private RootlessCases() {}

  /** Set by {@link #main} before any test runs. */
  private static Path directory = Path.of("unset");

  private static StepTrees trees = new RootlessStepTrees(new SubordinateIds("unset", true, 0));

  static void main(String[] arguments) throws IOException, InterruptedException {
    trees = StepTrees.ofThisUser();
    directory = Path.of(arguments[2]);
    if (arguments[0].equals("store")) {
      try (Store store = Store.ofThisUser(Path.of(arguments[1]), trees)) {
        new PrintWriter(System.out, true, StandardCharsets.UTF_8).println(store.describe());
      }
      return;
    }
    if (arguments[0].equals("build")) {
      build(arguments[1]);
      return;
    }
    Path rootfs = directory.resolve("rootfs");
    if (arguments[0].startsWith("runc") || arguments[0].startsWith("bubblewrap")) {
      trees.createDirectory(rootfs, User.ROOT, 0755);
      new ArchiveFetcher(trees)
          .fetch(ArchiveFetcher.SCHEME + arguments[1], rootfs, new RecordingLog());
    }
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
            .selectors(selectClass(contract(arguments[0])))
            .build(),
        summary);
    trees.delete(rootfs);
    trees.delete(directory.resolve("store"));
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    summary.getSummary().printFailuresTo(out, 20);
    long succeeded = summary.getSummary().getTestsSucceededCount();
    long failed = summary.getSummary().getTotalFailureCount();
    out.println(succeeded + " succeeded, " + failed + " failed");
    System.exit(failed == 0 && succeeded > 0 ? 0 : 1);
  }

  private static Class<?> contract(String name) {
    return switch (name) {
      case "runc" -> Runc.class;
      case "bubblewrap" -> Bubblewrap.class;
      case "overlay-store" -> UserOverlayStore.class;
      case "copy-store" -> CopyStoreTest.class;
      case "bubblewrap-on-overlay" -> BubblewrapOnOverlay.class;
      case "after-kill" -> AfterKillIT.class;
      default -> throw new IllegalArgumentException("Unknown contract " + name);
    };
  }

  static final class UserOverlayStore extends StoreContract {
    @Override
    Store open(Path root, StepTrees owner) throws IOException, InterruptedException {
      return OverlayStore.open(root, owner);
    }

    @Override
    int chainLength() {
      return Overlay.LAYERS_MAX + 2;
    }
  }

  /** What CI's specs do: sudo, a user of their own, files from outside, and the network. */
  private static void build(String archive) throws IOException, InterruptedException {
    Path state = directory.resolve("state");
    Path sources = Files.createDirectory(directory.resolve("sources"));
    Files.writeString(sources.resolve("a.txt"), "from outside");
    Spec spec =
        Spec.parse(
            """
            ((from %s)
             (user (uid 1000) (gid 1000))
             (run (shell "sudo ln -f /usr/bin/opam /usr/bin/opam-too && sudo chown root:root /usr/bin/opam-too"))
             (copy (src a.txt) (dst /home/opam/a.txt))
             (run (shell "test $(id -u) = 1000 && grep -q outside ~opam/a.txt && test $(stat -c %%u ~opam/a.txt) = 1000")))
            """
                .formatted(ArchiveFetcher.SCHEME + archive));
    List<String> made = new ArrayList<>();
    for (String round : List.of("first", "second")) {
      try (Store store = Store.ofThisUser(state.resolve("store"), trees);
          Sandbox sandbox = BubblewrapSandbox.open(SandboxOptions.in(state.resolve("run")));
          Builder builder =
              Builder.open(BuilderConfig.in(state), store, sandbox, new ArchiveFetcher(trees))) {
        BuildResult result = builder.build(spec, BuildContext.of(sources), new RecordingLog());
        if (!(result instanceof BuildResult.Built)) {
          throw new AssertionError(result.toString());
        }
        made.add(round + ": " + builder.statistics().misses() + " made by " + store.describe());
      }
    }
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    out.println(String.join(", ", made));
    // As the README says it.
    Command.of("unshare", "--map-auto", "--map-root-user", "rm", "-rf", state.toString())
        .read(1 << 16);
    out.println("removed: " + Files.notExists(state));
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

  static class Bubblewrap extends Rootless {
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

  /** In what steps of builds have for a root. */
  static final class BubblewrapOnOverlay extends Bubblewrap {
    private static final SnapshotId BASE = StoreContract.id('a');
    private static final SnapshotId NEXT = StoreContract.id('b');

    private Store store;
    private Store.Draft draft;

    @BeforeEach
    void openDraft() throws Exception {
      store = OverlayStore.open(directory.resolve("store"), trees);
      if (!store.contains(BASE)) {
        try (Store.Draft base = store.begin(Optional.empty(), BASE)) {
          trees.delete(base.rootfs());
          trees.copy(directory.resolve("rootfs"), base.rootfs());
          base.commit();
        }
      }
      draft = store.begin(Optional.of(BASE), NEXT);
    }

    @AfterEach
    void closeDraft() {
      draft.close();
      store.close();
    }

    @Override
    Path rootfs() {
      return draft.rootfs();
    }
  }
}
