package dev.millrace.builder;

/** A step was ended because it exceeded a limit; the message names it. The step's own failure. */
public final class LimitExceededException extends BuilderException {
  /** With a message that names the limit. */
  public LimitExceededException(String message) {
    super(message, null);
  }
}
