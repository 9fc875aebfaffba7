package dev.millrace.app;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace opam}: what concerns opam files and repositories. */
@Command(
    name = "opam",
    header = "Look at opam files and repositories.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    subcommands = {OpamShowCommand.class, OpamLintCommand.class, OpamDeltaCommand.class})
final class OpamCommands implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Which command? One of show, lint and delta is needed");
  }
}
