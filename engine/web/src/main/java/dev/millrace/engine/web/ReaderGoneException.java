package dev.millrace.engine.web;

/**
 * Whoever asked went away, or can no longer be reached: what belongs to the connection failed, and
 * nothing of ours. Thrown by {@link Exchange} alone, which is all that touches the connection.
 */
final class ReaderGoneException extends RuntimeException {
  ReaderGoneException(Exception cause) {
    super("The reader went away", cause);
  }

  /** Whether this is at the bottom of a failure; templates wrap what is thrown in them. */
  static boolean isCauseOf(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ReaderGoneException) {
        return true;
      }
    }
    return false;
  }
}
