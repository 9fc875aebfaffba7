package dev.millrace.engine.core;

/** The work of a job is not to be had here, which is no failure; the message says why. */
public final class JobSkippedException extends Exception {
  /** With the reason, as shown. */
  public JobSkippedException(String reason) {
    super(reason);
  }
}
