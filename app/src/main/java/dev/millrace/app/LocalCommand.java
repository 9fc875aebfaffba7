package dev.millrace.app;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.Console;
import dev.millrace.engine.program.EngineOptions;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import dev.millrace.engine.program.PlanText;
import dev.millrace.engine.program.Progress;
import dev.millrace.engine.program.ServerOptions;
import dev.millrace.engine.program.SignOnOptions;
import dev.millrace.engine.program.Watch;
import dev.millrace.engine.web.WebConfig;
import dev.millrace.services.ocamlci.LocalCi;
import dev.millrace.services.ocamlci.LocalConfig;
import dev.millrace.services.ocamlci.LocalException;
import dev.millrace.services.ocamlci.RepositoryLocation;
import dev.millrace.services.ocamlci.RoundResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace local}: the CI of one OCaml project on this machine. */
@Command(
    name = "local",
    header = "Run the CI of an OCaml project on this machine.",
    description = {
      "",
      "Follows the project's HEAD: reads its opam files, finds package versions for each platform, builds and tests each selection in a"
          + " sandbox, runs the lints, and serves all of it as web pages. A new commit starts a new round by itself."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything passed",
      "1:a job failed, the project cannot be tested, or the disk is full",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class LocalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description = "The project: a git work tree, or a directory of one.",
      arity = "1")
  private Path directory;

  @Option(
      names = "--once",
      description = "End when the pipeline has settled, with a table of results.")
  private boolean once;

  @Option(
      names = "--plan",
      description = "Say what would run and why, what is known and what is not, and run nothing.")
  private boolean plan;

  @Option(
      names = "--platform",
      paramLabel = "NAME",
      description = {
        "Test on this platform only, such as debian-13-ocaml-5.3, or as results have it: debian-13-5.3_opam-2.3 (may be repeated).",
        "Default: what this machine can run."
      })
  private List<String> platforms = List.of();

  @Option(
      names = "--opam-repository",
      paramLabel = "URL|DIR",
      description = {
        "Where packages are looked up: a git URL, or a directory (kept in git or not).",
        "Default: the public one on GitHub."
      })
  private @Nullable String opamRepository;

  @Option(
      names = "--archive-mirror",
      paramLabel = "URL|DIR",
      description =
          "Archives of package sources as ALGO/XX/HASH, asked before the network (opam's archive-mirrors).")
  private @Nullable String archiveMirror;

  @Mixin private BaseOptions bases;

  @Mixin private ServerOptions serverOptions;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description =
          "Keep results, logs and snapshots here (default: ${sys:millrace.state:-see README}).")
  private @Nullable Path stateDirectory;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Run at most N builds at once (default: half the processors, at least 1).")
  private int jobs = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  @Mixin private EngineOptions engineOptions;

  @Mixin private SignOnOptions signOn;

  private volatile boolean ending;

  @Override
  public Integer call() throws InterruptedException, IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (Console console = Console.of(out, spec.commandLine().getErr());
        Progress progress = console.progress(InstantSource.system())) {
      LocalConfig config = config(progress);
      return plan ? plan(config, progress) : serve(config, progress, out);
    }
  }

  private int plan(LocalConfig config, Progress progress) throws InterruptedException {
    try {
      progress.print(PlanText.render(LocalCi.plan(config, progress::say)));
      return ExitCode.OK.number();
    } catch (RuntimeException e) {
      throw stated(e);
    }
  }

  private int serve(LocalConfig config, Progress progress, PrintWriter out)
      throws InterruptedException, IOException {
    try (LocalCi ci = LocalCi.start(config, progress::say)) {
      // On Ctrl-C and on a polite kill too: no process and no mount stays behind.
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(ci), "millrace-local-close"));
      progress.say("Serving %s".formatted(ci.address()));
      return follow(ci, progress, out);
    } catch (RuntimeException e) {
      if (ending) {
        // What is followed was closed underneath: the process ends, with a status of its own.
        return ExitCode.OK.number();
      }
      throw stated(e);
    }
  }

  private void end(LocalCi ci) {
    ending = true;
    ci.close();
  }

  private static RuntimeException stated(RuntimeException failure) {
    if (failure instanceof LocalException e) {
      String message = String.valueOf(e.getMessage());
      return switch (e.kind()) {
        case USAGE -> CommandException.usage(message);
        case PROJECT, STATE, DISK_FULL -> CommandException.failed(message);
        case MACHINE -> CommandException.machine(message);
      };
    }
    return failure;
  }

  private int follow(LocalCi ci, Progress progress, PrintWriter out)
      throws InterruptedException, IOException {
    Watch watch = new Watch(ci.control(), progress, ci::jobAddress, !once);
    Optional<RoundResult> shown = Optional.empty();
    while (true) {
      EngineControl.Overview overview = watch.next();
      Optional<RoundResult> result = ci.result();
      if (overview.settled() && result.isPresent() && !result.equals(shown)) {
        shown = result;
        progress.print(ResultTable.render(result.get(), ci));
      }
      if (once && overview.settled() && result.isEmpty() && overview.message().isPresent()) {
        progress.say(PlainText.of(overview.message().get()));
        return ExitCode.FAILED.number();
      }
      if (once && overview.settled() && result.isPresent()) {
        out.flush();
        return switch (result.get().verdict()) {
          case PASSED -> ExitCode.OK.number();
          case FAILED -> ExitCode.FAILED.number();
          case ERROR -> ExitCode.MACHINE.number();
        };
      }
    }
  }

  private LocalConfig config(Progress progress) {
    Path home = Path.of(System.getProperty("millrace.home", "."));
    Optional<Example> example = Example.of(directory, home);
    String repository = opamRepository;
    String mirror = archiveMirror;
    if (repository == null && example.isPresent()) {
      repository = example.get().repository().toString();
      progress.say("Using the examples' own opam repository: " + repository);
      if (mirror == null) {
        mirror = example.get().archives().toString();
      }
    }
    try {
      return new LocalConfig(
          directory,
          stateDirectory == null ? StateDirectory.standard() : stateDirectory.toAbsolutePath(),
          repository == null ? RepositoryLocation.PUBLIC : RepositoryLocation.parse(repository),
          Optional.ofNullable(mirror),
          platforms,
          bases.get(),
          engineOptions::apply,
          signOn.apply(serverOptions.apply(WebConfig.defaults())),
          System.getProperty("user.name").equals("root"),
          jobs);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** The small world that comes with Millrace's examples. */
  private record Example(Path repository, Path archives) {
    static Optional<Example> of(Path project, Path home) {
      try {
        Path examples = home.resolve("examples").toRealPath();
        if (project.toRealPath().startsWith(examples)) {
          Path repository = examples.resolve("opam-repository");
          return Optional.of(new Example(repository, repository.resolve("archives")));
        }
      } catch (IOException e) {
        // Not there: then it is no example, and whoever opens the project says what is wrong.
      }
      return Optional.empty();
    }
  }
}
