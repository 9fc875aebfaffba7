package dev.millrace.engine.core;

import dev.millrace.base.StatedException;
import org.jspecify.annotations.Nullable;

/**
 * The engine cannot be started, go on, or do what it is asked; the message says why and what to do.
 * It may help to ask again where the records cannot be reached for a while.
 */
public final class EngineException extends StatedException {
  EngineException(String message) {
    this(message, null);
  }

  EngineException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  EngineException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause, retryable);
  }
}
