package dev.millrace.engine.program;

import static java.util.Objects.requireNonNull;

import dev.millrace.base.StatedException;
import dev.millrace.engine.core.NewerRecordsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How command lines of Millrace behave: arguments are taken as they are, a failure is one line on
 * the error output, never a stack trace for what a user did; a bug prints its trace, as the person
 * who reads it is to report it.
 */
public final class CommandLines {
  private CommandLines() {}

  /** Makes a command line behave so; returns it. */
  public static CommandLine setUp(CommandLine line, PrintWriter out, PrintWriter err) {
    return line.setOut(out)
        .setErr(err)
        // An argument is an argument: "@/etc/passwd" is not a file to read more of them from.
        .setExpandAtFiles(false)
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((mistake, _) -> explainWrongUse(mistake))
        .setExecutionExceptionHandler(
            (failure, failed, _) -> explainFailure(program(failed), failure, failed.getErr()));
  }

  private static String program(CommandLine line) {
    return line.getCommandSpec().root().name();
  }

  private static int explainWrongUse(ParameterException mistake) {
    CommandLine line = mistake.getCommandLine();
    PrintWriter err = line.getErr();
    err.println(program(line) + ": " + mistake.getMessage());
    UnmatchedArgumentException.printSuggestions(mistake, err);
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE.number();
  }

  /**
   * Says what went wrong and returns the exit code: this is the only place that does.
   *
   * @param program the name that lines begin with
   */
  static int explainFailure(String program, Exception failure, PrintWriter err) {
    return switch (failure) {
      case CommandException stated -> {
        err.println(program + ": " + stated.getMessage());
        yield stated.exitCode().number();
      }
      case NewerRecordsException stated -> {
        err.println(program + ": " + stated.getMessage());
        yield ExitCode.FAILED.number();
      }
      case StatedException stated -> {
        err.println(program + ": " + stated.getMessage());
        yield ExitCode.MACHINE.number();
      }
      case IOException refused -> {
        err.println(program + ": " + describe(refused));
        yield ExitCode.MACHINE.number();
      }
      case UncheckedIOException refused -> {
        err.println(program + ": " + describe(requireNonNull(refused.getCause())));
        yield ExitCode.MACHINE.number();
      }
      case InterruptedException _ -> {
        err.println(program + ": interrupted");
        yield ExitCode.MACHINE.number();
      }
      default -> {
        err.println(program + ": this is a bug in Millrace, please report it with what follows:");
        failure.printStackTrace(err);
        yield ExitCode.MACHINE.number();
      }
    };
  }

  /** File system errors have a path as their whole message: their kind says what was wrong. */
  private static String describe(IOException failure) {
    return switch (failure) {
      case AccessDeniedException e -> "no permission for " + e.getMessage();
      case NoSuchFileException e -> "no such file: " + e.getMessage();
      case FileAlreadyExistsException e -> "already exists: " + e.getMessage();
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }
}
