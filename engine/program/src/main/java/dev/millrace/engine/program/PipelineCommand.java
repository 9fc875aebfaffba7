package dev.millrace.engine.program;

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.EngineConfig;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.WebConfig;
import dev.millrace.engine.web.WebInterface;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of a {@link PipelineProgram}. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the pipeline passed, or the plan is printed",
      "1:with --once: something failed",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class PipelineCommand implements Callable<Integer> {
  private static final Duration PLAN_PATIENCE = Duration.ofMinutes(1);

  private final String name;
  private final Function<Engine, Current<?>> pipeline;
  private volatile boolean ending;

  @Spec private CommandSpec spec;

  @Option(
      names = "--once",
      description = "End when the pipeline has settled, with a list of its jobs.")
  private boolean once;

  @Option(
      names = "--plan",
      description = "Say what would run and why, what is known and what is not, and run nothing.")
  private boolean plan;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      defaultValue = "var",
      description = "Keep results and logs here (default: ${DEFAULT-VALUE}).")
  private Path stateDirectory;

  @Mixin private EngineOptions engineOptions;
  @Mixin private ServerOptions serverOptions;
  @Mixin private SignOnOptions signOnOptions;

  PipelineCommand(String name, Function<Engine, Current<?>> pipeline) {
    this.name = name;
    this.pipeline = pipeline;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    PrintWriter out = spec.commandLine().getOut();
    EngineConfig config = engineOptions.apply(EngineConfig.in(stateDirectory.toAbsolutePath()));
    if (plan) {
      PlanText.render(Engine.plan(config, pipeline, PLAN_PATIENCE)).forEach(out::println);
      return ExitCode.OK.number();
    }
    WebConfig pages =
        signOnOptions.apply(serverOptions.apply(WebConfig.defaults().withSiteName(name)));
    try (Console console = Console.of(out, spec.commandLine().getErr());
        Progress progress = console.progress(InstantSource.system());
        Engine engine = Engine.start(config, pipeline);
        WebInterface web = serve(engine, pages)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(engine), name + "-close"));
      progress.say("Serving %s".formatted(web.address()));
      return follow(engine, web, progress);
    } catch (RuntimeException e) {
      if (ending) {
        // What is followed was closed underneath: the process ends, with a status of its own.
        return ExitCode.OK.number();
      }
      throw e;
    }
  }

  private WebInterface serve(Engine engine, WebConfig pages) {
    try {
      return WebInterface.start(
          pages, engine.control(), InstantSource.system(), List.of(engine::metricsText));
    } catch (IOException e) {
      throw CommandException.usage(
          "Cannot serve on %s, port %d: %s (--host and --port name another address)"
              .formatted(serverOptions.host(), serverOptions.port(), e.getMessage()));
    }
  }

  private void end(Engine engine) {
    ending = true;
    engine.close();
  }

  private int follow(Engine engine, WebInterface web, Progress progress)
      throws InterruptedException, IOException {
    Function<JobId, String> address = job -> web.address() + "job/" + job;
    Watch watch = new Watch(engine.control(), progress, address, !once);
    while (true) {
      Overview overview = watch.next();
      if (once && overview.settled()) {
        progress.print(
            PipelineReport.render(
                overview,
                engine.control(),
                new FailureReport(engine.control(), this::logFile, address)));
        return exitCode(overview.result()).number();
      }
    }
  }

  private Path logFile(JobId job) {
    return stateDirectory.toAbsolutePath().resolve("job").resolve(job + ".log");
  }

  private static ExitCode exitCode(StageState result) {
    return switch (result) {
      case PASSED, SKIPPED -> ExitCode.OK;
      case ERROR -> ExitCode.MACHINE;
      case FAILED, CANCELLED, BLOCKED, APPROVAL, QUEUED, RUNNING -> ExitCode.FAILED;
    };
  }
}
