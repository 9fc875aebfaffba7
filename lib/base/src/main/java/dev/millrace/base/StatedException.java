package dev.millrace.base;

import org.jspecify.annotations.Nullable;

/**
 * A failure whose message says all that a person needs: what was tried, on what, what was wrong,
 * what to do. Whoever shows it adds neither the exception's class nor its stack trace.
 *
 * <p>Each area has one of its own; {@link #isRetryable} says whether the same attempt may succeed
 * later, as after a failed download.
 */
public abstract class StatedException extends RuntimeException {
  private final boolean retryable;

  /** With what a person is told. */
  protected StatedException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Whether the same may succeed when tried again later. */
  public final boolean isRetryable() {
    return retryable;
  }
}
