package dev.millrace.engine.core;

/**
 * The work of a job could not be done now, and may well be later: a server that does not answer, a
 * limit of requests that is used up. It is shown as a failure of the machine, and the work is tried
 * again by itself, after pauses that grow, a limited number of times.
 */
public final class JobUnavailableException extends Exception {
  /** With what is shown. */
  public JobUnavailableException(String message) {
    super(message);
  }

  /** With what is shown, and what led to it. */
  public JobUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
