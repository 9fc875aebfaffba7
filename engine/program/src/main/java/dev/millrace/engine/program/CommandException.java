package dev.millrace.engine.program;

/**
 * Ends a command with one line on the error output and an exit code, without a stack trace.
 *
 * <p>The message says what was tried, on what input, what was wrong and what to do.
 */
public final class CommandException extends RuntimeException {
  private final ExitCode exitCode;

  /** What it was asked to do failed. */
  public static CommandException failed(String message) {
    return new CommandException(ExitCode.FAILED, message);
  }

  /** It was called with arguments that cannot work. */
  public static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  /** The machine lacks something or refused something. */
  public static CommandException machine(String message) {
    return new CommandException(ExitCode.MACHINE, message);
  }

  private CommandException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** How the command ends. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
