package dev.millrace.engine.core;

import dev.millrace.base.StatedException;
import org.jspecify.annotations.Nullable;

/** The engine cannot be started or go on; the message says why and what to do. */
public final class EngineException extends StatedException {
  EngineException(String message) {
    this(message, null);
  }

  EngineException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
