package dev.millrace.app;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace builder}: builds specs, and what the builder keeps. */
@Command(
    name = "builder",
    header = "Build specs in sandboxes, and look after what was built.",
    description = {
      "",
      "Without --store these work on what \"millrace local\" built. One process at a time uses a store."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      BuilderBuildCommand.class,
      BuilderDockerfileCommand.class,
      BuilderHealthcheckCommand.class,
      BuilderListCommand.class,
      BuilderLogCommand.class,
      BuilderRunCommand.class,
      BuilderExportCommand.class,
      BuilderDfCommand.class,
      BuilderCachesCommand.class,
      BuilderPruneCommand.class,
      BuilderDeleteCommand.class,
      BuilderCleanCommand.class
    })
final class BuilderCommands implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Which command? One of "
            + String.join(", ", spec.commandLine().getSubcommands().keySet())
            + " is needed");
  }
}
