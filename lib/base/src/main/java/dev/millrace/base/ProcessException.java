package dev.millrace.base;

import java.io.IOException;
import java.util.List;

/** A child process could not be run, failed, or broke a limit. */
public final class ProcessException extends IOException {
  private final String errorOutput;

  ProcessException(List<String> argv, String problem, String errorOutput) {
    super(
        "Command \"%s\" %s%s"
            .formatted(
                Command.render(argv),
                problem,
                errorOutput.isBlank() ? "" : ":\n" + errorOutput.strip()));
    this.errorOutput = errorOutput;
  }

  /** The beginning of what it printed as errors; empty if nothing. */
  public String errorOutput() {
    return errorOutput;
  }
}
