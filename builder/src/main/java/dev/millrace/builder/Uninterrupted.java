package dev.millrace.builder;

import dev.millrace.base.TaskScope;
import java.io.IOException;

/**
 * Clean-up that no interruption stops, however many come: it is done on a thread of its own, which
 * nobody else knows, and the interruption is kept for later.
 */
final class Uninterrupted {
  private Uninterrupted() {}

  /** What is to be done. */
  interface Action {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Does it, and returns when it is done.
   *
   * @throws IOException if it fails
   */
  static void run(Action action) throws IOException {
    boolean interrupted = Thread.interrupted();
    try (TaskScope scope = TaskScope.open("clean-up", 1)) {
      scope.fork(action::run);
      while (isInterruptedBeforeItsEnd(scope)) {
        interrupted = true;
      }
    } catch (TaskScope.TaskFailedException e) {
      switch (e.failure()) {
        case IOException io -> throw io;
        case BuilderException builder -> throw builder;
        default -> throw e;
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean isInterruptedBeforeItsEnd(TaskScope scope) {
    try {
      scope.join();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
