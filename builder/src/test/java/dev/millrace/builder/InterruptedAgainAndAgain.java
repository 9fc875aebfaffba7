package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.TaskScope;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** A thread that somebody interrupts without end. */
final class InterruptedAgainAndAgain {
  private InterruptedAgainAndAgain() {}

  /** What that thread does. */
  interface Action {
    void run() throws Exception;
  }

  /** Does one after the other, and checks that who did it still knows of its interruption. */
  static void whileDoing(Action... actions) throws InterruptedException {
    AtomicBoolean knows = new AtomicBoolean();
    try (TaskScope scope = TaskScope.open("interrupted")) {
      scope.fork(
          () -> {
            Thread interrupted = Thread.currentThread();
            AtomicBoolean done = new AtomicBoolean();
            try (TaskScope inner = TaskScope.open("interrupter")) {
              inner.fork(
                  () -> {
                    while (!done.get()) {
                      interrupted.interrupt();
                      LockSupport.parkNanos(100_000);
                    }
                  });
              try {
                // From the first moment on.
                interrupted.interrupt();
                for (Action action : actions) {
                  action.run();
                }
                knows.set(Thread.interrupted());
              } finally {
                done.set(true);
              }
            }
          });
      scope.join();
    }
    assertThat(knows).isTrue();
  }
}
