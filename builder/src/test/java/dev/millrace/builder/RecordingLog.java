package dev.millrace.builder;

import java.nio.charset.StandardCharsets;

/** A log that remembers; each heading and note ends its line. Thread-safe. */
public final class RecordingLog implements BuildLog {
  private final StringBuilder text = new StringBuilder();

  @Override
  public void heading(String heading) {
    append(heading + "\n");
  }

  @Override
  public void note(String note) {
    append(note + "\n");
  }

  @Override
  public void output(byte[] buffer, int length) {
    append(new String(buffer, 0, length, StandardCharsets.UTF_8));
  }

  private synchronized void append(String more) {
    text.append(more);
    notifyAll();
  }

  /** Waits until something was said. */
  public synchronized void await(String part) throws InterruptedException {
    while (text.indexOf(part) < 0) {
      wait();
    }
  }

  @Override
  public synchronized String toString() {
    return text.toString();
  }
}
