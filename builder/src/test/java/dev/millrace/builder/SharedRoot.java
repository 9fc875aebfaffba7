package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Debian 13 with OCaml and opam, made by {@link BootstrapFetcher} once per machine and kept in
 * {@code /var/tmp/millrace-test}. Steps write below {@code /tmp} only.
 */
final class SharedRoot {
  private static final Path CACHE = Path.of("/var/tmp/millrace-test");
  static final String BASE = "bootstrap:debian-13-ocaml-5.3?recipe=" + BootstrapBase.RECIPE;

  private SharedRoot() {}

  /** The tree, whose owners are those of {@link StepTrees#ofThisUser}. */
  static Path open() throws IOException, InterruptedException {
    assumeTrue(UserIds.isRoot(), "NOT TESTED: needs root");
    for (String program : new String[] {"runc", "mmdebstrap", "perl"}) {
      assumeTrue(isInstalled(program), "NOT TESTED: " + program + " is not installed");
    }
    Files.createDirectories(CACHE);
    Path home = CACHE.resolve("debian-13-recipe-" + BootstrapBase.RECIPE);
    try (FileChannel channel =
            FileChannel.open(
                CACHE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!Files.exists(home.resolve("complete"))) {
        assumeTrue(
            isReachable(), "NOT TESTED: Debian's archive is not reachable and no root is cached");
        make(home);
      }
    }
    return home.resolve("rootfs");
  }

  /** The same as a tar archive with the owners that steps see; readable by everyone. */
  static Path archive() throws IOException, InterruptedException {
    Path rootfs = open();
    Path archive = CACHE.resolve("debian-13-recipe-" + BootstrapBase.RECIPE + ".tar");
    try (FileChannel channel =
            FileChannel.open(
                CACHE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!Files.exists(archive)) {
        pack(rootfs, archive);
      }
    }
    return archive;
  }

  private static void pack(Path rootfs, Path archive) throws IOException, InterruptedException {
    Path part = archive.resolveSibling(archive.getFileName() + ".part");
    Sandbox.Run tar =
        new Sandbox.Run(
            rootfs,
            List.of("tar", "-c", "--one-file-system", "--exclude=./tmp/*", "-C", "/", "."),
            "/",
            List.of(new Sandbox.Variable("PATH", "/usr/bin")),
            User.ROOT,
            false,
            List.of(),
            List.of(),
            Optional.empty());
    try (RuncSandbox sandbox =
            RuncSandbox.open(
                StepTrees.HOST_ID_BASE, SandboxOptions.in(Path.of("/run/millrace-test")));
        OutputStream out = Files.newOutputStream(part)) {
      assertThat(sandbox.run(tar, _ -> {}, (buffer, length) -> out.write(buffer, 0, length)))
          .isZero();
    }
    Files.move(part, archive);
  }

  private static void make(Path home) throws IOException, InterruptedException {
    StepTrees trees = StepTrees.ofThisUser();
    trees.delete(home);
    Files.createDirectories(home);
    trees.createDirectory(home.resolve("rootfs"), User.ROOT, 0755);
    BootstrapFetcher.open(trees, home.resolve("work"), Optional.empty())
        .fetch(BASE, home.resolve("rootfs"), new RecordingLog());
    Files.createFile(home.resolve("complete"));
  }

  static boolean isReachable() {
    try {
      return InetAddress.getByName("deb.debian.org") != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  static boolean isInstalled(String program) {
    return Files.isExecutable(Path.of("/usr/bin", program))
        || Files.isExecutable(Path.of("/usr/sbin", program));
  }
}
