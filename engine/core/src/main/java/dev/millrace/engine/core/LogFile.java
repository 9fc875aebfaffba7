package dev.millrace.engine.core;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The log of a job that this engine runs: written by the job, read by anyone. Thread-safe.
 *
 * <p>Written through a stream and not a channel, because an interruption closes a channel.
 */
final class LogFile implements JobLog {
  /** How much a job may print; what comes after is dropped, and said so. */
  private static final long SIZE_MAX = 4L << 30;

  private final Path path;

  // Serialises writers; held while writing, which is the only I/O of this file.
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable FileOutputStream stream;
  private boolean cut;

  // Guards what follows; never held during I/O.
  private final ReentrantLock state = new ReentrantLock();
  private final Condition grown = state.newCondition();
  private long size;
  private boolean complete;

  /** The log at {@code path}, which {@link #create} makes. */
  LogFile(Path path) {
    this.path = path;
  }

  void create() throws IOException {
    Files.createDirectories(path.getParent());
    Files.createFile(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    writing.lock();
    try {
      stream = new FileOutputStream(path.toFile(), true);
    } finally {
      writing.unlock();
    }
  }

  /** Appends; what comes after the log was closed is dropped. */
  void append(byte[] bytes, int offset, int length) throws IOException {
    int written;
    writing.lock();
    try {
      if (stream == null || cut) {
        return;
      }
      written = length;
      stream.write(bytes, offset, length);
      if (size() + length > SIZE_MAX) {
        cut = true;
        byte[] note =
            "\n[The log ends here: it reached its limit of 4 GiB]\n"
                .getBytes(StandardCharsets.UTF_8);
        stream.write(note);
        written += note.length;
      }
    } finally {
      writing.unlock();
    }
    state.lock();
    try {
      size += written;
      grown.signalAll();
    } finally {
      state.unlock();
    }
  }

  /** Has the bytes on the disk, and lets no more come. */
  void close() throws IOException {
    writing.lock();
    try {
      if (stream != null) {
        stream.getFD().sync();
        stream.close();
        stream = null;
      }
    } finally {
      writing.unlock();
      state.lock();
      try {
        complete = true;
        grown.signalAll();
      } finally {
        state.unlock();
      }
    }
  }

  @Override
  public long size() {
    state.lock();
    try {
      return size;
    } finally {
      state.unlock();
    }
  }

  @Override
  public byte[] read(long offset, int lengthMax) throws IOException {
    return readFile(path, offset, (int) Math.min(lengthMax, Math.max(0, size() - offset)));
  }

  static byte[] readFile(Path path, long offset, int length) throws IOException {
    if (length <= 0) {
      return new byte[0];
    }
    ByteBuffer buffer = ByteBuffer.allocate(length);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
        // Until full or at the end.
      }
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
    return java.util.Arrays.copyOf(buffer.array(), buffer.position());
  }

  @Override
  public boolean isComplete() {
    state.lock();
    try {
      return complete;
    } finally {
      state.unlock();
    }
  }

  @Override
  public void awaitGrowth(long offset, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    state.lock();
    try {
      while (size <= offset && !complete && left > 0) {
        left = grown.awaitNanos(left);
      }
    } finally {
      state.unlock();
    }
  }

  /** The log of a job that has ended. */
  record Ended(Path path) implements JobLog {
    @Override
    public long size() throws IOException {
      return Files.size(path);
    }

    @Override
    public byte[] read(long offset, int lengthMax) throws IOException {
      return readFile(path, offset, (int) Math.min(lengthMax, Math.max(0, size() - offset)));
    }

    @Override
    public boolean isComplete() {
      return true;
    }

    @Override
    public void awaitGrowth(long offset, Duration timeout) {}
  }
}
