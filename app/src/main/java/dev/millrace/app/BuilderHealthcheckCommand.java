package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.DurationText;
import dev.millrace.engine.program.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace builder healthcheck}: tries the builder out. */
@Command(
    name = "healthcheck",
    header = "Find out whether steps really run here.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:they do not", "2:wrong use", "3:the machine or Millrace failed"})
final class BuilderHealthcheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BuilderOptions options;

  @Option(
      names = "--base",
      paramLabel = "IMAGE",
      description =
          "The base to try it on, such as bootstrap:debian-13 (default: ${DEFAULT-VALUE}).")
  private String base = "busybox";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "How long the step may take, its base aside (default: 5m).")
  private Duration timeout = Duration.ofMinutes(5);

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      Optional<String> failure = home.builder().checkHealth(base, timeout);
      if (failure.isPresent()) {
        throw CommandException.failed("Healthcheck failed: " + failure.get().stripTrailing());
      }
    }
    spec.commandLine().getOut().println("Healthcheck passed");
    return ExitCode.OK.number();
  }
}
