package dev.millrace.engine.core;

/** The engine cannot be started or go on; the message says why and what to do. */
public final class EngineException extends RuntimeException {
  EngineException(String message) {
    super(message);
  }

  EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
