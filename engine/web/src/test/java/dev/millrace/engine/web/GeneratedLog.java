package dev.millrace.engine.web;

import dev.millrace.engine.core.JobLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A log of numbered lines of 64 bytes each, as big as the test says, of which only what is read is
 * ever made. Complete. Thread-safe.
 */
final class GeneratedLog implements JobLog {
  static final int LINE_BYTES = 64;

  private final long size;
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong readMax = new AtomicLong();

  GeneratedLog(long lines) {
    this.size = lines * LINE_BYTES;
  }

  /** How many bytes were read in all. */
  long bytesRead() {
    return read.get();
  }

  /** How many bytes were read at once at most. */
  long bytesReadAtOnce() {
    return readMax.get();
  }

  static String line(long number) {
    return "%010d ".formatted(number) + "x".repeat(LINE_BYTES - 12);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public byte[] read(long offset, int lengthMax) {
    int length = (int) Math.max(0, Math.min(lengthMax, size - offset));
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 'x');
    long number = offset / LINE_BYTES;
    for (long at = number * LINE_BYTES; at < offset + length; at += LINE_BYTES, number++) {
      byte[] head = "%010d ".formatted(number + 1).getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < head.length; i++) {
        put(bytes, at + i - offset, head[i]);
      }
      put(bytes, at + LINE_BYTES - 1 - offset, (byte) '\n');
    }
    read.addAndGet(length);
    readMax.accumulateAndGet(length, Math::max);
    return bytes;
  }

  private static void put(byte[] bytes, long at, byte value) {
    if (at >= 0 && at < bytes.length) {
      bytes[(int) at] = value;
    }
  }

  @Override
  public boolean isComplete() {
    return true;
  }

  @Override
  public void awaitGrowth(long offset, Duration timeout) {}
}
