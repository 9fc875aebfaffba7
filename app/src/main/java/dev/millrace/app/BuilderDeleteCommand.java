package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.SnapshotId;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace builder delete}: deletes a result. */
@Command(
    name = "delete",
    header = "Delete a result and all that was built on it.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such result, or a build needs it",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderDeleteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ID",
      arity = "1",
      description = "The result: its id, or the first digits of it.")
  private String id;

  @Mixin private BuilderOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      SnapshotId result = options.find(home.builder(), id);
      home.builder().delete(result, deleted -> out.println("Removing " + deleted));
    }
    return ExitCode.OK.number();
  }
}
