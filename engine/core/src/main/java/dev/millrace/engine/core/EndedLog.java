package dev.millrace.engine.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;

/** The log of a job that has ended: nothing comes to it any more. Immutable. */
sealed interface EndedLog extends JobLog {
  /** The file that it became. */
  record InFile(Path path) implements EndedLog {
    @Override
    public long size() throws IOException {
      return Files.size(path);
    }

    @Override
    public byte[] read(long offset, int lengthMax) throws IOException {
      return EndedLog.readFile(
          path, offset, (int) Math.min(lengthMax, Math.max(0, size() - offset)));
    }
  }

  /** The few bytes that are kept with the job's record. */
  final class InRecords implements EndedLog {
    private final byte[] content;

    InRecords(byte[] content) {
      this.content = content.clone();
    }

    @Override
    public long size() {
      return content.length;
    }

    @Override
    public byte[] read(long offset, int lengthMax) {
      return EndedLog.part(content, offset, lengthMax);
    }
  }

  @Override
  default boolean isComplete() {
    return true;
  }

  @Override
  default void awaitGrowth(long offset, Duration timeout) {}

  /**
   * Has the log of a job that an earlier process left open end with a note, which may be there
   * already; false if that log is no file.
   */
  static boolean endWith(Path path, String note) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
    long begin = Files.size(path) - bytes.length;
    if (begin < 0 || !Arrays.equals(readFile(path, begin, bytes.length), bytes)) {
      Files.write(path, bytes, StandardOpenOption.APPEND, StandardOpenOption.DSYNC);
    }
    return true;
  }

  /** As many bytes as there are from there on. */
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
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** As many of these as there are from there on. */
  static byte[] part(byte[] all, long offset, int lengthMax) {
    int begin = (int) Math.min(all.length, offset);
    return Arrays.copyOfRange(all, begin, begin + Math.min(lengthMax, all.length - begin));
  }
}
