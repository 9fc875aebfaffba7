package dev.millrace.builder;

import org.jspecify.annotations.Nullable;

/** The machine, a store, a sandbox or a fetcher failed: not the build that was asked for. */
public class BuilderException extends RuntimeException {
  private final boolean retryable;

  /** A failure that trying again will not mend. */
  public BuilderException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  /** A failure. */
  public BuilderException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Whether the same may succeed when tried again later. */
  public boolean isRetryable() {
    return retryable;
  }
}
