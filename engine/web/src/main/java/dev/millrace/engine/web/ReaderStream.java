package dev.millrace.engine.web;

import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * The way to the reader: whatever fails on it is the reader's going away, and told as that, so that
 * it cannot be taken for a failure of what is written. Owned by the thread that serves the request.
 */
final class ReaderStream extends OutputStream {
  private final OutputStream out;
  private boolean gone;

  ReaderStream(OutputStream out) {
    this.out = out;
  }

  /** Something that is done to the stream of the server. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private void attempt(Step step) {
    try {
      step.run();
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      gone = true;
      throw new ReaderGoneException(e);
    }
  }

  @Override
  public void write(int b) {
    attempt(() -> out.write(b));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    attempt(() -> out.write(bytes, offset, length));
  }

  @Override
  public void flush() {
    attempt(out::flush);
  }

  /** Ends the answer, unless nobody is there to hear it. */
  @Override
  public void close() {
    if (!gone) {
      attempt(out::close);
    }
  }
}
