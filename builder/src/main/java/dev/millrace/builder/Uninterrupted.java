package dev.millrace.builder;

import java.io.IOException;

/** Clean-up that an interruption must not stop; the interruption is kept for later. */
final class Uninterrupted {
  private Uninterrupted() {}

  /** What is to be done. */
  interface Action {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Does it.
   *
   * @throws IOException if it fails, or is interrupted once more meanwhile
   */
  static void run(Action action) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      action.run();
    } catch (InterruptedException e) {
      interrupted = true;
      throw new IOException("Interrupted while cleaning up", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
