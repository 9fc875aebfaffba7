package dev.millrace.builder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A directory that has an owner: this process, from {@link #create} to {@link #close}. A file
 * beside it, {@code NAME.lock}, is locked as long as the owner lives, so that whoever comes next
 * knows whether it may be removed.
 *
 * <p>INVARIANT: the file is there, and locked, before the directory is made, and removed after it.
 * So a directory without one has no owner.
 */
final class OwnedDirectory implements AutoCloseable {
  private static final String LOCK = ".lock";

  /**
   * Those of this process, which it must not look at: the kernel drops all of a process's locks on
   * a file when any of its descriptors is closed.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;
  private final Remover remover;

  private OwnedDirectory(Path path, FileChannel lock, Remover remover) {
    this.path = path;
    this.lock = lock;
    this.remover = remover;
  }

  /** Removes a directory with all that is in it, if it is there. */
  interface Remover {
    void remove(Path directory) throws IOException, InterruptedException;
  }

  /** Makes one in a directory, with a name that begins so. */
  static OwnedDirectory create(Path parent, String prefix, Remover remover) throws IOException {
    Path real = parent.toRealPath();
    while (true) {
      Path file = Files.createTempFile(real, prefix, LOCK);
      Path path = directory(file);
      OURS.add(path);
      Optional<FileChannel> lock = tryLock(file, false);
      // Between its making and its locking, somebody may have taken it for abandoned.
      if (lock.isPresent() && Files.exists(file)) {
        Files.createDirectory(path);
        return new OwnedDirectory(path, lock.get(), remover);
      }
      OURS.remove(path);
      if (lock.isPresent()) {
        lock.get().close();
      }
    }
  }

  private static Path directory(Path lockFile) {
    String name = lockFile.getFileName().toString();
    return lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
  }

  private static Path lockFile(Path directory) {
    return directory.resolveSibling(directory.getFileName() + LOCK);
  }

  /**
   * Takes a lock; empty if the file is gone, or somebody has it.
   *
   * @param shared for who only looks: the watchers of an owner's steps get it so, too
   */
  private static Optional<FileChannel> tryLock(Path file, boolean shared) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (channel.tryLock(0, Long.MAX_VALUE, shared) == null) {
      channel.close();
      return Optional.empty();
    }
    return Optional.of(channel);
  }

  /** Removes what owners left behind that are no more. */
  static void removeAbandoned(Path parent, String prefix, Remover remover)
      throws IOException, InterruptedException {
    for (Path directory : all(parent.toRealPath(), prefix)) {
      if (OURS.contains(directory)) {
        continue;
      }
      Path file = lockFile(directory);
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        remover.remove(directory);
        continue;
      }
      Optional<FileChannel> lock = tryLock(file, true);
      if (lock.isPresent()) {
        try (FileChannel _ = lock.get()) {
          remover.remove(directory);
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static Set<Path> all(Path parent, String prefix) throws IOException {
    Set<Path> found = new TreeSet<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            parent, entry -> entry.getFileName().toString().startsWith(prefix))) {
      for (Path entry : entries) {
        found.add(entry.toString().endsWith(LOCK) ? directory(entry) : entry);
      }
    }
    return found;
  }

  Path path() {
    return path;
  }

  /** The file that is locked as long as this process lives and the directory is there. */
  Path lockFile() {
    return lockFile(path);
  }

  /** Removes it, and cannot be interrupted. What fails is for the next one who looks. */
  @Override
  public void close() throws IOException {
    try {
      Uninterrupted.run(
          () -> {
            remover.remove(path);
            Files.deleteIfExists(lockFile());
          });
    } finally {
      lock.close();
      OURS.remove(path);
    }
  }
}
