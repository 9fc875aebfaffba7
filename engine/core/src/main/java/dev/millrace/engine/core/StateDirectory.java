package dev.millrace.engine.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where an engine keeps things, and the lock that keeps a second engine out. All path arithmetic is
 * here.
 */
final class StateDirectory implements AutoCloseable {
  private final Path root;
  private final FileChannel lockFile;

  private StateDirectory(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /**
   * Makes the directory if it is missing, and takes its lock.
   *
   * @throws EngineException if another engine has it, or it cannot be written
   */
  static StateDirectory open(Path root) {
    Path directory = root.toAbsolutePath().normalize();
    try {
      Files.createDirectories(directory.resolve("db"));
      Files.createDirectories(directory.resolve("job"));
      FileChannel channel =
          FileChannel.open(
              directory.resolve("engine.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return lock(directory, channel);
    } catch (IOException e) {
      throw new EngineException(
          "Cannot use the state directory \"%s\": %s. It must be a directory that can be written, on a disk with room"
              .formatted(directory, describe(e)),
          e);
    }
  }

  private static StateDirectory lock(Path directory, FileChannel channel) throws IOException {
    boolean locked = false;
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = read(channel);
        throw new EngineException(
            "The state directory \"%s\" is in use by another Millrace%s: stop that one, or choose another directory"
                .formatted(directory, holder.isEmpty() ? "" : " (process " + holder + ")"));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)),
          0);
      locked = true;
      return new StateDirectory(directory, channel);
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another engine of this very process.
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(20);
    channel.read(buffer, 0);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8).strip();
  }

  private static String describe(IOException e) {
    return e instanceof java.nio.file.FileSystemException fs && fs.getReason() != null
        ? fs.getReason()
        : e.toString();
  }

  Path root() {
    return root;
  }

  Path database() {
    return root.resolve("db").resolve("millrace.sqlite");
  }

  /** Where OCurrent has its records, if it had this directory. */
  Path ocurrentDatabase() {
    return root.resolve("db").resolve("sqlite.db");
  }

  /** Where the logs are, in a directory for each day. */
  Path logs() {
    return root.resolve("job");
  }

  Path logOf(JobId id) {
    // INVARIANT: a JobId is checked to have exactly one slash and no dots.
    return root.resolve("job").resolve(id.value() + ".log");
  }

  /** A directory of its own for a plugin; made if missing. */
  Path directoryFor(String name) {
    if (!name.matches("[a-z][a-z0-9-]*")) {
      throw new IllegalArgumentException(
          "A directory name must be lower-case letters, digits and dashes, was \"%s\""
              .formatted(name));
    }
    Path directory = root.resolve(name);
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new EngineException(
          "Cannot make the directory \"%s\": %s".formatted(directory, describe(e)), e);
    }
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (NoSuchFileException e) {
      // The directory is gone: so is the lock.
    } catch (IOException e) {
      throw new EngineException("Cannot release the lock of \"%s\"".formatted(root), e);
    }
  }
}
