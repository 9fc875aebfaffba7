package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.SnapshotId;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace builder log}: prints a log. */
@Command(
    name = "log",
    header = "Print the log of the step that made a result.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such result, or it has no log",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderLogCommand implements Callable<Integer> {
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
    try (BuilderHome home = options.open()) {
      SnapshotId result = options.find(home.builder(), id);
      Path log =
          home.builder()
              .findLog(result)
              .orElseThrow(() -> CommandException.failed(result + " has no log"));
      StreamText text = new StreamText();
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = Files.newInputStream(log)) {
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          out.print(text.decode(buffer, length));
        }
      }
      out.print(text.end());
      out.flush();
    }
    return ExitCode.OK.number();
  }
}
