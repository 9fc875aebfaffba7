package dev.millrace.base;

import java.io.IOException;
import java.util.List;

/** A child process could not be run, failed, or broke a limit. */
public final class ProcessException extends IOException {
  private final String errorOutput;
  private final boolean timeLimit;

  ProcessException(List<String> argv, String problem, String errorOutput) {
    this(argv, problem, errorOutput, false);
  }

  ProcessException(List<String> argv, String problem, String errorOutput, boolean timeLimit) {
    super(
        "Command \"%s\" %s%s"
            .formatted(
                Command.render(argv),
                problem,
                errorOutput.isBlank() ? "" : ":\n" + errorOutput.strip()));
    this.errorOutput = errorOutput;
    this.timeLimit = timeLimit;
  }

  /** Whether it was killed because it took longer than its time limit. */
  public boolean isTimeLimit() {
    return timeLimit;
  }

  /** The beginning of what it printed as errors; empty if nothing. */
  public String errorOutput() {
    return errorOutput;
  }
}
