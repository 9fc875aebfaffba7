package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.DurationText;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace builder prune}: deletes old results. */
@Command(
    name = "prune",
    header = "Delete results that were not used for long, the longest unused first.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:never", "2:wrong use", "3:the machine or Millrace failed"})
final class BuilderPruneCommand implements Callable<Integer> {
  private static final int BATCH = 16;

  @Spec private CommandSpec spec;

  @Mixin private BuilderOptions options;

  @Option(
      names = "--before",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "Only those that no build needed for so long, such as 7d (default: any).")
  private Duration before = Duration.ZERO;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Delete at most N (default: no limit).")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--keep-free",
      paramLabel = "PERCENT",
      description = "Stop as soon as so much of the disk is free, 1 to 99 (default: never).")
  private @Nullable Integer keepFree;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (limit < 1 || (keepFree != null && (keepFree < 1 || keepFree > 99))) {
      throw CommandException.usage("--limit must be at least 1, and --keep-free 1 to 99");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      Instant unusedSince =
          before.isZero() ? Instant.MAX : InstantSource.system().instant().minus(before);
      int removed = 0;
      boolean more = true;
      while (more && removed < limit && !hasRoom(home)) {
        int batch = keepFree == null ? limit : Math.min(BATCH, limit - removed);
        int now =
            home.builder().prune(unusedSince, batch, deleted -> out.println("Removing " + deleted));
        removed += now;
        more = now == batch;
        out.flush();
      }
      out.println("Removed %d items".formatted(removed));
      out.flush();
    }
    return ExitCode.OK.number();
  }

  private boolean hasRoom(BuilderHome home) throws IOException {
    return keepFree != null && home.space().freePercent() >= keepFree;
  }
}
