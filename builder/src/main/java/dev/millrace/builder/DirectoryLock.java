package dev.millrace.builder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other processes, and other objects of this one, out of a directory. The kernel releases the
 * lock of a process that dies. Closed by its owner.
 */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws BuilderException if somebody else has it
   */
  static DirectoryLock take(Path directory, String what) throws IOException {
    Path file = directory.resolve("lock");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (lock(channel) == null) {
        throw new BuilderException(
            "Cannot use %s \"%s\": %s uses it; stop that one, or use another directory"
                .formatted(what, directory, owner(file)),
            null);
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      return new DirectoryLock(channel);
    } catch (IOException | BuilderException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String owner(Path file) throws IOException {
    String pid = Files.readString(file).strip();
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The kernel releases the lock in any case.
    }
  }
}
