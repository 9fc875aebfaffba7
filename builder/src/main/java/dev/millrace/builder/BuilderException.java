package dev.millrace.builder;

import dev.millrace.base.StatedException;
import org.jspecify.annotations.Nullable;

/** The machine, a store, a sandbox or a fetcher failed: not the build that was asked for. */
public class BuilderException extends StatedException {
  /** A failure that trying again will not mend. */
  public BuilderException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  /** A failure. */
  public BuilderException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause, retryable);
  }
}
