package dev.millrace.services.cikit;

import dev.millrace.base.StatedException;
import org.jspecify.annotations.Nullable;

/** Something that the user of a service must know and can act on: the message is all they see. */
public final class CiKitException extends StatedException {
  /** A failure that only a change of the input can mend. */
  public CiKitException(String message) {
    this(message, null, false);
  }

  private CiKitException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause, retryable);
  }

  /** A failure that only a change of the input can mend, found by another. */
  public static CiKitException of(String message, Throwable cause) {
    return new CiKitException(message, cause, false);
  }

  /** A failure that may pass by itself. */
  public static CiKitException passing(String message, Throwable cause) {
    return new CiKitException(message, cause, true);
  }
}
