package dev.millrace.plugins.git;

import dev.millrace.base.StatedException;
import org.jspecify.annotations.Nullable;

/** A repository cannot be used as asked; the message names it, says why, and what to do. */
public final class GitException extends StatedException {
  /** A failure that trying again will not mend. */
  public GitException(String message) {
    this(message, null, false);
  }

  GitException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  GitException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause, retryable);
  }
}
