package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace builder run}: enters a result. */
@Command(
    name = "run",
    header = "Run a command on what a step left, as the step ran.",
    description = {
      "",
      "As its user, in its directory, with its environment and caches. What the command changes is thrown away."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the command failed, or there is no such result",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderRunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ID",
      arity = "1",
      description = "The result: its id, or the first digits of it.")
  private String id;

  @Mixin private BuilderOptions options;

  @Parameters(
      paramLabel = "COMMAND",
      index = "1..*",
      description =
          "Program and arguments, after --; without one the step's shell reads standard input.")
  private List<String> command = List.of();

  @Option(
      names = "--network",
      negatable = true,
      description = "Whether it sees the network (default: as the step did).")
  private @Nullable Boolean network;

  @Option(
      names = {"-i", "--interactive"},
      description = "Give standard input to the command.")
  private boolean interactive;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    StreamText text = new StreamText();
    int status;
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      status =
          home.builder()
              .enter(
                  options.find(home.builder(), id),
                  command,
                  Optional.ofNullable(network),
                  interactive || command.isEmpty() ? new StandardInput() : _ -> {},
                  (buffer, length) -> {
                    out.print(text.decode(buffer, length));
                    out.flush();
                  });
    }
    out.print(text.end());
    out.flush();
    if (status != 0) {
      throw CommandException.failed("the command " + dev.millrace.base.Command.describe(status));
    }
    return ExitCode.OK.number();
  }
}
