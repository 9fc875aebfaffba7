package dev.millrace.app;

import dev.millrace.engine.program.CommandLines;
import dev.millrace.engine.program.ExitCode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program {@code millrace}: finds the command, runs it, and ends with one of four exit codes.
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
    return CommandLines.setUp(commandLine(args), out, err).execute(args.toArray(String[]::new));
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

  /** Without a command: says what there is; that is wrong use, not success. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? One of them is needed");
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
