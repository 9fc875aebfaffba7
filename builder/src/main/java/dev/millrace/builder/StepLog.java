package dev.millrace.builder;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * The log of a running step: written by one thread, followed by any number of readers while it
 * grows and after its end.
 *
 * <p>All share one open file, so that nothing depends on the file's name, which changes when the
 * step is committed. It is no {@code FileChannel}: those are closed by the interruption of any of
 * their users.
 */
final class StepLog implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 15;

  private final long bytesMax;
  private final RandomAccessFile file;
  private long length;
  private boolean finished;

  private StepLog(RandomAccessFile file, long bytesMax) {
    this.file = file;
    this.bytesMax = bytesMax;
  }

  /** A new log in a file that is made or emptied. */
  static StepLog create(Path path, long bytesMax) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    file.setLength(0);
    return new StepLog(file, bytesMax);
  }

  /** A step prints more than it may. */
  static final class TooLongException extends IOException {
    TooLongException(long bytesMax) {
      super("the step printed more than %d bytes".formatted(bytesMax));
    }
  }

  // The file has one position for all: reading and writing it is what the lock is for.
  synchronized void write(byte[] buffer, int count) throws IOException {
    if (finished) {
      throw new IllegalStateException("The log is finished");
    }
    if (length + count > bytesMax) {
      throw new TooLongException(bytesMax);
    }
    file.seek(length);
    file.write(buffer, 0, count);
    length += count;
    notifyAll();
  }

  /** Nothing more will be written. Idempotent. */
  synchronized void finish() {
    finished = true;
    notifyAll();
  }

  /** Gives everything to a reader, from the beginning to the end, as it is written. */
  void follow(BuildLog reader) throws IOException, InterruptedException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long position = 0;
    while (true) {
      int count = read(position, buffer);
      if (count < 0) {
        return;
      }
      reader.output(buffer, count);
      position += count;
    }
  }

  /** Waits for bytes at a position and reads some; -1 at the end. */
  private synchronized int read(long position, byte[] buffer)
      throws IOException, InterruptedException {
    while (position == length) {
      if (finished) {
        return -1;
      }
      wait();
    }
    file.seek(position);
    int count = (int) Math.min(buffer.length, length - position);
    file.readFully(buffer, 0, count);
    return count;
  }

  @Override
  public synchronized void close() throws IOException {
    finished = true;
    file.close();
  }
}
