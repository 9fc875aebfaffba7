package dev.millrace.services.cikit;

/**
 * Something that the user of a service must know and can act on: the message is all they see.
 *
 * <p>{@link #isRetryable} says whether the same attempt may succeed later, as after a failed
 * download.
 */
public final class CiKitException extends RuntimeException {
  private final boolean retryable;

  /** A failure that only a change of the input can mend. */
  public CiKitException(String message) {
    super(message);
    this.retryable = false;
  }

  private CiKitException(String message, Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** A failure that only a change of the input can mend, found by another. */
  public static CiKitException of(String message, Throwable cause) {
    return new CiKitException(message, cause, false);
  }

  /** A failure that may pass by itself. */
  public static CiKitException passing(String message, Throwable cause) {
    return new CiKitException(message, cause, true);
  }

  /** Whether the same attempt may succeed later. */
  public boolean isRetryable() {
    return retryable;
  }
}
