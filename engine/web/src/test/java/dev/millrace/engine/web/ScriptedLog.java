package dev.millrace.engine.web;

import dev.millrace.engine.core.JobLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** A log in memory that the test writes. Thread-safe. */
final class ScriptedLog implements JobLog {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean complete;

  static ScriptedLog of(String text) {
    ScriptedLog log = new ScriptedLog();
    log.write(text);
    log.end();
    return log;
  }

  synchronized void write(String text) {
    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    notifyAll();
  }

  synchronized void end() {
    complete = true;
    notifyAll();
  }

  @Override
  public synchronized long size() {
    return bytes.size();
  }

  @Override
  public synchronized byte[] read(long offset, int lengthMax) {
    byte[] all = bytes.toByteArray();
    int end = (int) Math.min(all.length, offset + lengthMax);
    return offset >= end ? new byte[0] : Arrays.copyOfRange(all, (int) offset, end);
  }

  @Override
  public synchronized boolean isComplete() {
    return complete;
  }

  @Override
  public synchronized void awaitGrowth(long offset, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (bytes.size() <= offset && !complete) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }
}
