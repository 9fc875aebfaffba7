package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.Store;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace builder df}: tells the room that is left. */
@Command(
    name = "df",
    header = "Say how much room there is, and how many results.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:never", "2:wrong use", "3:the machine or Millrace failed"})
final class BuilderDfCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BuilderOptions options;

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (BuilderHome home = options.open()) {
      int results = home.builder().list().size();
      Store.Space space = home.space();
      if (json) {
        out.println(
            JsonMapper.shared()
                .writeValueAsString(
                    JsonMapper.shared()
                        .createObjectNode()
                        .put("results", results)
                        .put("free_bytes", space.freeBytes())
                        .put("total_bytes", space.totalBytes())
                        .put("free_percent", space.freePercent())));
      } else {
        out.println("%d results in %s".formatted(results, options.describe()));
        out.println(
            "%.1f of %.1f GiB free (%.0f %%)"
                .formatted(gib(space.freeBytes()), gib(space.totalBytes()), space.freePercent()));
      }
    }
    out.flush();
    return ExitCode.OK.number();
  }

  private static double gib(long bytes) {
    return bytes / (double) (1L << 30);
  }
}
