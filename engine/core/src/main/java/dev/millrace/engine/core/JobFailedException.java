package dev.millrace.engine.core;

/** The work of a job failed, as work does: a build, a test. The message is shown as it is. */
public final class JobFailedException extends Exception {
  /** With what is shown. */
  public JobFailedException(String message) {
    super(message);
  }

  /** With what is shown, and what led to it. */
  public JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
