package dev.millrace.app;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.StageState;
import dev.millrace.services.ocamlci.LocalCi;
import dev.millrace.services.ocamlci.LocalConfig;
import dev.millrace.services.ocamlci.LocalException;
import dev.millrace.services.ocamlci.RepositoryLocation;
import dev.millrace.services.ocamlci.RoundResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
  private static final Duration TICK = Duration.ofMillis(500);

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

  @Option(
      names = "--registry",
      paramLabel = "HOST[:PORT]",
      description = "Pull base images from this registry instead of Docker Hub.")
  private @Nullable String registry;

  @Option(
      names = "--bootstrap",
      description = "Make base images from the distribution's packages, without asking a registry.")
  private boolean bootstrap;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Serve on this address (default: ${DEFAULT-VALUE}). Pages are read-only beyond loopback.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "Serve on this port, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

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

  @Option(
      names = "--confirm",
      paramLabel = "LEVEL",
      description =
          "Hold jobs of this level and above until approved: harmless, mostly-harmless, average, above-average, dangerous.")
  private @Nullable String confirm;

  private volatile boolean ending;

  @Override
  public Integer call() throws InterruptedException, IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (Console console = Console.of(out, spec.commandLine().getErr());
        Progress progress = console.progress(InstantSource.system());
        LocalCi ci = LocalCi.start(config(progress), progress::say)) {
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
        case PROJECT, DISK_FULL -> CommandException.failed(message);
        case MACHINE -> CommandException.machine(message);
      };
    }
    return failure;
  }

  private int follow(LocalCi ci, Progress progress, PrintWriter out)
      throws InterruptedException, IOException {
    EngineControl control = ci.control();
    Optional<RoundResult> shown = Optional.empty();
    Optional<String> trouble = Optional.empty();
    Set<JobId> asked = new HashSet<>();
    long round = -1;
    while (true) {
      EngineControl.Overview overview = control.awaitChange(round, TICK);
      round = overview.round();
      List<JobSummary> jobs = control.listJobs(JobQuery.newest(200));
      progress.show(jobs);
      sayWhatWaits(jobs, asked, ci, progress);
      Optional<RoundResult> result = ci.result();
      if (overview.settled() && result.isPresent() && !result.equals(shown)) {
        shown = result;
        progress.print(ResultTable.render(result.get(), ci));
      }
      trouble = checkHealth(control.health(), trouble, progress);
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

  /** Nobody who only looks at the terminal would know that it is up to them. */
  private static void sayWhatWaits(
      List<JobSummary> jobs, Set<JobId> asked, LocalCi ci, Progress progress) {
    for (JobSummary job : jobs) {
      if (job.state() == StageState.APPROVAL && asked.add(job.id())) {
        progress.say(
            "%s  %s: approve it at %s"
                .formatted(
                    Progress.word(job.state()),
                    PlainText.of(job.description()),
                    ci.jobAddress(job.id())));
      }
    }
  }

  /** Says what is wrong when it is new, and ends where nobody is there to mend it. */
  private Optional<String> checkHealth(
      EngineControl.Health health, Optional<String> known, Progress progress) {
    return switch (health) {
      case EngineControl.Health.Good() -> Optional.empty();
      case EngineControl.Health.Impaired(String reason) when once ->
          throw CommandException.failed(reason);
      case EngineControl.Health.Impaired(String reason) -> {
        if (!known.equals(Optional.of(reason))) {
          progress.say(PlainText.of(reason));
        }
        yield Optional.of(reason);
      }
      case EngineControl.Health.Bad(String reason) -> throw CommandException.machine(reason);
    };
  }

  private static LocalConfig.Machine machine() {
    String architecture = System.getProperty("os.arch");
    return new LocalConfig.Machine(
        System.getProperty("user.name").equals("root"),
        architecture.equals("aarch64") ? "arm64" : architecture);
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
          new LocalConfig.BaseImages(Optional.ofNullable(registry), bootstrap),
          host,
          port,
          confirm == null ? Optional.empty() : Optional.of(Level.parse(confirm)),
          machine(),
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
