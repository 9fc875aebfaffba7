package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace builder clean}: deletes all results. */
@Command(
    name = "clean",
    header = "Delete all results; named caches stay.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:never", "2:wrong use", "3:the machine or Millrace failed"})
final class BuilderCleanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BuilderOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      int removed =
          home.builder()
              .prune(Instant.MAX, Integer.MAX_VALUE, deleted -> out.println("Removing " + deleted));
      out.println("Removed %d items".formatted(removed));
    }
    return ExitCode.OK.number();
  }
}
