package dev.millrace.builder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where running steps are described on the host: one directory per open sandbox, with {@code lock}
 * (held while the sandbox is open) and a bundle per step. What killed sandboxes left is removed
 * when the next one opens. Thread-safe.
 */
final class RunDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  private final Path path;
  private final FileChannel lock;
  private final AtomicInteger counter = new AtomicInteger();

  private RunDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Ends what may be left of a step whose sandbox was killed. */
  interface Cleaner {
    void clean(Path bundle) throws IOException;
  }

  static RunDirectory open(Path parent, Cleaner cleaner) throws IOException {
    Files.createDirectories(parent);
    Files.setPosixFilePermissions(parent, PASSABLE);
    removeLeftOvers(parent, cleaner);
    Path path = Files.createTempDirectory(parent, "sandbox-");
    Files.setPosixFilePermissions(path, PASSABLE);
    FileChannel lock =
        FileChannel.open(
            path.resolve("lock"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    lock.lock();
    return new RunDirectory(path, lock);
  }

  private static void removeLeftOvers(Path parent, Cleaner cleaner) throws IOException {
    List<Path> others = new ArrayList<>();
    try (var stream = Files.newDirectoryStream(parent, "sandbox-*")) {
      stream.forEach(others::add);
    }
    for (Path other : others) {
      if (isAbandoned(other)) {
        try (var bundles = Files.newDirectoryStream(other, "step-*")) {
          for (Path bundle : bundles) {
            cleaner.clean(bundle);
          }
        }
        HostFiles.deleteTree(other);
      }
    }
  }

  // Its owner holds the lock as long as it lives; a directory whose owner has not yet made the lock
  // file is left alone too.
  private static boolean isAbandoned(Path other) throws IOException {
    try (FileChannel channel = FileChannel.open(other.resolve("lock"), StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (NoSuchFileException | OverlappingFileLockException e) {
      return false;
    }
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

  Path path() {
    return path;
  }

  Path lockFile() {
    return path.resolve("lock");
  }

  /** A new directory for a step, which its owner deletes. */
  Path newBundle() throws IOException {
    Path bundle = Files.createDirectory(path.resolve("step-" + counter.getAndIncrement()));
    Files.setPosixFilePermissions(bundle, PASSABLE);
    return bundle;
  }

  @Override
  public void close() {
    try {
      lock.close();
      HostFiles.deleteTree(path);
    } catch (IOException e) {
      throw new BuilderException("Cannot remove \"%s\": %s".formatted(path, e.getMessage()), e);
    }
  }
}
