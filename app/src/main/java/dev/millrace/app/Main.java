package dev.millrace.app;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code millrace}: finds the command, runs it, and ends with one of four exit codes.
 *
 * <p>A failure is one line on the error output, never a stack trace for what a user did; a bug
 * prints its trace, as the person who reads it is to report it.
 */
@Command(
    name = "millrace",
    header = "Continuous integration for OCaml: pipelines, builder, solver and services.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Exit codes: 0 done, 1 what was asked for failed, 2 wrong use, 3 the machine or Millrace failed.",
      "Help on a command: millrace COMMAND --help"
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command that the arguments name and ends the process. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, false, System.out.charset());
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    int status = run(List.of(args), out, err);
    out.flush();
    err.flush();
    System.exit(status);
  }

  /** Runs the command that the arguments name and returns the exit code. */
  static int run(List<String> args, PrintWriter out, PrintWriter err) {
    if (args.equals(List.of("--version"))) {
      // Scripts ask this often: answered without setting up the command line.
      out.println(Version.line());
      return ExitCode.OK.number();
    }
    CommandLine line = commandLine(args);
    setUp(line, out, err);
    return line.execute(args.toArray(String[]::new));
  }

  /** With every command in it, for help and completion. */
  static CommandLine commandLineOfAll() {
    CommandLine line = new CommandLine(new Main());
    Commands.all().forEach((name, command) -> line.addSubcommand(name, command.get()));
    return line;
  }

  /** With just the command that is called, or all of them where none is. */
  private static CommandLine commandLine(List<String> args) {
    Map<String, Supplier<Object>> commands = Commands.all();
    Supplier<Object> called = args.isEmpty() ? null : commands.get(args.getFirst());
    if (called != null) {
      return new CommandLine(new Main()).addSubcommand(args.getFirst(), called.get());
    }
    return commandLineOfAll();
  }

  private static void setUp(CommandLine line, PrintWriter out, PrintWriter err) {
    line.setOut(out)
        .setErr(err)
        // An argument is an argument: "@/etc/passwd" is not a file to read more of them from.
        .setExpandAtFiles(false)
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::explainWrongUse)
        .setExecutionExceptionHandler(
            (failure, failed, _) -> explainFailure(failure, failed.getErr()));
  }

  /** Without a command: says what there is; that is wrong use, not success. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? One of them is needed");
  }

  private static int explainWrongUse(ParameterException mistake, String[] args) {
    CommandLine line = mistake.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("millrace: " + mistake.getMessage());
    UnmatchedArgumentException.printSuggestions(mistake, err);
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE.number();
  }

  /** Says what went wrong and returns the exit code: this is the only place that does. */
  static int explainFailure(Exception failure, PrintWriter err) {
    return switch (failure) {
      case CommandException stated -> {
        err.println("millrace: " + stated.getMessage());
        yield stated.exitCode().number();
      }
      case IOException refused -> {
        err.println("millrace: " + describe(refused));
        yield ExitCode.MACHINE.number();
      }
      case UncheckedIOException refused -> {
        err.println("millrace: " + describe(requireNonNull(refused.getCause())));
        yield ExitCode.MACHINE.number();
      }
      case InterruptedException _ -> {
        err.println("millrace: interrupted");
        yield ExitCode.MACHINE.number();
      }
      default -> {
        err.println("millrace: this is a bug in Millrace, please report it with what follows:");
        failure.printStackTrace(err);
        yield ExitCode.MACHINE.number();
      }
    };
  }

  /** File system errors have a path as their whole message: their kind says what was wrong. */
  private static String describe(IOException failure) {
    return switch (failure) {
      case java.nio.file.AccessDeniedException e -> "no permission for " + e.getMessage();
      case java.nio.file.NoSuchFileException e -> "no such file: " + e.getMessage();
      case java.nio.file.FileAlreadyExistsException e -> "already exists: " + e.getMessage();
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }

  /** The version of the build, from the manifest of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {line()};
    }

    static String line() {
      String version = Main.class.getPackage().getImplementationVersion();
      return "millrace " + (version == null ? "(not packaged)" : version);
    }
  }
}
