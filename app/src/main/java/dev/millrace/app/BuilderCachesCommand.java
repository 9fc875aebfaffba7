package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.Store;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace builder caches}: lists named caches, or clears them. */
@Command(
    name = "caches",
    header = "List the named caches of steps, or clear them.",
    description = {"", "Of each: when a step last changed it, and its name."},
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such cache",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderCachesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BuilderOptions options;

  @Option(
      names = "--clear",
      paramLabel = "NAME",
      description = "Delete this one instead (may be repeated); the next step finds it empty.")
  private List<String> clear = List.of();

  @Option(names = "--clear-all", description = "Delete all.")
  private boolean clearAll;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      List<String> names = home.caches().stream().map(Store.NamedCache::name).toList();
      for (String name : clear) {
        if (!names.contains(name)) {
          throw CommandException.failed(
              "There is no cache \"%s\": millrace builder caches lists them".formatted(name));
        }
      }
      if (clear.isEmpty() && !clearAll) {
        home.caches().forEach(cache -> out.println(line(cache)));
      }
      for (String name : clearAll ? names : clear) {
        out.println("Removing " + PlainText.of(name));
        home.deleteCache(name);
      }
    }
    out.flush();
    return ExitCode.OK.number();
  }

  private static String line(Store.NamedCache cache) {
    return "%s  %s"
        .formatted(cache.published().truncatedTo(ChronoUnit.SECONDS), PlainText.of(cache.name()));
  }
}
