package dev.millrace.engine.core;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A moment until which a caller waits for this and that, and not for longer. Immutable.
 *
 * <p>Waiting goes on when the caller is interrupted, because half a clean-up is none; its
 * interruption is restored at the end.
 */
final class Deadline {
  private static final long LOOK_AGAIN = TimeUnit.SECONDS.toNanos(1);

  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  /** The moment this long from now. */
  static Deadline in(Duration patience) {
    return new Deadline(System.nanoTime() + patience.toNanos());
  }

  /** Whether it has come. */
  boolean isOver() {
    return System.nanoTime() - end >= 0;
  }

  /** Something to wait for. */
  @FunctionalInterface
  interface Wait {
    /** Waits up to so many nanoseconds; whether it has come. */
    boolean attempt(long nanos) throws InterruptedException;
  }

  /** Waits for one thing after another; whether all came in time. */
  boolean await(Wait... waits) {
    boolean interrupted = false;
    try {
      for (Wait wait : waits) {
        while (true) {
          long left = end - System.nanoTime();
          try {
            if (wait.attempt(Math.clamp(left, 0, LOOK_AGAIN))) {
              break;
            }
          } catch (InterruptedException e) {
            interrupted = true;
          }
          if (left <= 0) {
            return false;
          }
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for the end of a thread; whether it came in time. */
  boolean join(Thread thread) {
    return await(nanos -> thread.join(Duration.ofNanos(Math.max(1, nanos))));
  }
}
