package dev.millrace.oci;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An image could not be had: what was asked for, what was answered. */
public final class OciException extends IOException {
  private final boolean retryable;

  OciException(String message) {
    this(message, null, false);
  }

  OciException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Whether the same may succeed later: the registry was not reached, or was busy. */
  public boolean isRetryable() {
    return retryable;
  }
}
