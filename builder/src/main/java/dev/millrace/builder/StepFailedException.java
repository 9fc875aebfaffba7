package dev.millrace.builder;

/** A step failed through the fault of the spec or the sources. Never leaves this package. */
final class StepFailedException extends Exception {
  StepFailedException(String message) {
    super(message);
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
