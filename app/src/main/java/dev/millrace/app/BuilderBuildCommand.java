package dev.millrace.app;

import dev.millrace.base.Secret;
import dev.millrace.builder.BuildContext;
import dev.millrace.builder.BuilderConfig;
import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.SandboxOptions;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.DurationText;
import dev.millrace.engine.program.SizeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace builder build}: builds a spec. */
@Command(
    name = "build",
    header = "Build a spec; steps that were made before are not made again.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a step failed, or the spec is wrong",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderBuildCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "The spec; - for standard input.")
  private Path file;

  @Parameters(
      paramLabel = "DIR",
      arity = "1",
      description = "What the spec's copy operations copy from.")
  private Path directory;

  @Mixin private BuilderOptions options;

  @Option(
      names = "--secret",
      paramLabel = "ID:FILE",
      description = "The value of a secret that the spec asks for (may be repeated).")
  private List<String> secrets = List.of();

  @Mixin private BaseOptions bases;

  @Option(
      names = "--fast-sync",
      description =
          "Have fsync and its like do nothing in steps: a result that a power cut spoils is never kept.")
  private boolean fastSync;

  @Option(
      names = "--step-timeout",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "Stop a step that takes longer, such as 1h. Default: no limit.")
  private @Nullable Duration stepTimeout;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = SizeText.class,
      description = "Stop a step that needs more memory, such as 8GiB. Default: no limit.")
  private @Nullable Long memory;

  @Option(
      names = "--pids",
      paramLabel = "N",
      description = "Let a step have so many processes and threads (default: ${DEFAULT-VALUE}).")
  private int pids = SandboxOptions.PIDS_MAX_DEFAULT;

  @Option(
      names = "--log-size-max",
      paramLabel = "SIZE",
      converter = SizeText.class,
      description = "Stop a step that prints more (default: 256MiB).")
  private @Nullable Long logSizeMax;

  @Option(
      names = "--keep-failed",
      description = "Keep what a failed step leaves: millrace builder run enters it.")
  private boolean keepFailed;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      description = "auto, always or never (default: auto, which is: on a terminal).")
  private BuildConsole.Color color = BuildConsole.Color.AUTO;

  @Option(names = "--json", description = "Print what happens as JSON, one object a line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    dev.millrace.spec.Spec wanted = SpecFile.read(file);
    if (!Files.isDirectory(directory)) {
      throw CommandException.usage(
          "Cannot copy from \"%s\": it is no directory".formatted(directory));
    }
    BuildContext context = new BuildContext(directory.toRealPath(), List.of(), readSecrets());
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open(bases.get(), this::sandbox, this::builder);
        BuildConsole console = BuildConsole.of(spec.commandLine(), json, color, wanted)) {
      return console.follow(log -> home.builder().build(wanted, context, log)).number();
    }
  }

  private SandboxOptions sandbox(SandboxOptions defaults) {
    try {
      SandboxOptions given = defaults.withFastSync(fastSync).withPidsMax(pids);
      return memory == null ? given : given.withMemoryBytesMax(memory);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private BuilderConfig builder(BuilderConfig defaults) {
    BuilderConfig given = defaults.withKeepFailed(keepFailed);
    if (logSizeMax != null) {
      given = given.withLogBytesMax(logSizeMax);
    }
    return stepTimeout == null ? given : given.withStepTimeLimit(stepTimeout);
  }

  private Map<String, Secret> readSecrets() throws IOException {
    Map<String, Secret> values = new LinkedHashMap<>();
    for (String secret : secrets) {
      int colon = secret.indexOf(':');
      if (colon < 1 || colon == secret.length() - 1) {
        throw CommandException.usage(
            "Cannot use --secret \"%s\": expected ID:FILE".formatted(secret));
      }
      Path value = Path.of(secret.substring(colon + 1));
      values.put(secret.substring(0, colon), Secret.readFrom(value));
    }
    return values;
  }
}
