package dev.millrace.builder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Where running steps are described on the host: one directory per open sandbox, with a bundle per
 * step. What killed sandboxes left is removed when the next one opens. Thread-safe.
 */
final class RunDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  private static final int TRIES_MAX = 2000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final String PREFIX = "sandbox-";

  private final OwnedDirectory directory;
  private final AtomicInteger counter = new AtomicInteger();

  private RunDirectory(OwnedDirectory directory) {
    this.directory = directory;
  }

  /** Ends what may be left of a step whose sandbox was killed. */
  interface Cleaner {
    void clean(Path bundle) throws IOException;
  }

  static RunDirectory open(Path parent, Cleaner cleaner) throws IOException, InterruptedException {
    Files.createDirectories(parent);
    Files.setPosixFilePermissions(parent, PASSABLE);
    OwnedDirectory.removeAbandoned(parent, PREFIX, abandoned -> remove(abandoned, cleaner));
    OwnedDirectory directory = OwnedDirectory.create(parent, PREFIX, HostFiles::deleteTree);
    Files.setPosixFilePermissions(directory.path(), PASSABLE);
    return new RunDirectory(directory);
  }

  private static void remove(Path abandoned, Cleaner cleaner) throws IOException {
    if (Files.isDirectory(abandoned)) {
      try (var bundles = Files.newDirectoryStream(abandoned, "step-*")) {
        for (Path bundle : bundles) {
          cleaner.clean(bundle);
        }
      }
    }
    HostFiles.deleteTree(abandoned);
  }

  /**
   * Checks that containers' roots, who are nobody on the host, get to a directory.
   *
   * @throws BuilderException if not
   */
  static void requireReachable(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Path at = directory.toRealPath().getParent(); at != null; at = at.getParent()) {
      if (!Files.getPosixFilePermissions(at).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new BuilderException(
            "Cannot run containers in \"%s\": everyone must be able to pass through \"%s\"; chmod o+x it, or take another run directory"
                .formatted(directory, at),
            null);
      }
    }
  }

  /** What {@code keep.pl} locks while anything of a step is left. */
  static Path aliveFile(Path bundle) {
    return bundle.resolve("alive");
  }

  /**
   * Waits until nothing is left of a step whose sandbox was killed. It ends by itself.
   *
   * @throws BuilderException if it does not within ten seconds
   */
  static void awaitEnd(Path bundle) throws IOException {
    Path file = aliveFile(bundle);
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int tries = 1; channel.tryLock() == null; tries++) {
        if (tries == TRIES_MAX) {
          throw new BuilderException(
              "Cannot end a step of a builder that was killed: \"%s\" is still in use"
                  .formatted(bundle),
              null);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  Path path() {
    return directory.path();
  }

  /** The file that is locked while the sandbox is open. */
  Path lockFile() {
    return directory.lockFile();
  }

  /** A new directory for a step, which its owner deletes. */
  Path newBundle() throws IOException {
    Path bundle = Files.createDirectory(path().resolve("step-" + counter.getAndIncrement()));
    Files.setPosixFilePermissions(bundle, PASSABLE);
    return bundle;
  }

  @Override
  public void close() {
    try {
      directory.close();
    } catch (IOException e) {
      throw new BuilderException("Cannot remove \"%s\": %s".formatted(path(), e.getMessage()), e);
    }
  }
}
