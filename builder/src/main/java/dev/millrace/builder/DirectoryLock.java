package dev.millrace.builder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps other processes, and other objects of this one, out of a directory. The kernel releases the
 * lock of a process that dies. Closed by its owner.
 */
final class DirectoryLock implements AutoCloseable {
  /**
   * What this process has locked. It must not open such a file again: the kernel drops all of a
   * process's locks on a file when any of its descriptors is closed.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws BuilderException if somebody else has it
   */
  static DirectoryLock take(Path directory, String what) throws IOException {
    Path file = directory.toRealPath().resolve("lock");
    if (!OURS.add(file)) {
      throw refused(what, directory, "process " + ProcessHandle.current().pid());
    }
    boolean taken = false;
    try {
      DirectoryLock lock = new DirectoryLock(file, open(file, what, directory));
      taken = true;
      return lock;
    } finally {
      if (!taken) {
        OURS.remove(file);
      }
    }
  }

  private static FileChannel open(Path file, String what, Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw refused(what, directory, owner(file));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      return channel;
    } catch (IOException | BuilderException e) {
      channel.close();
      throw e;
    }
  }

  private static BuilderException refused(String what, Path directory, String owner) {
    return new BuilderException(
        "Cannot use %s \"%s\": %s uses it; stop that one, or use another directory"
            .formatted(what, directory, owner),
        null);
  }

  private static String owner(Path file) throws IOException {
    String pid = Files.readString(file).strip();
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  @Override
  public void close() {
    if (!channel.isOpen()) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      // The kernel releases the lock in any case.
    }
    OURS.remove(file);
  }
}
