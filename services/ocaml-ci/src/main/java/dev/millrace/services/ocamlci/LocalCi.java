package dev.millrace.services.ocamlci;

import dev.millrace.base.FullDisk;
import dev.millrace.base.StatedException;
import dev.millrace.base.TemporaryDirectory;
import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.DockerFetcher;
import dev.millrace.builder.StepTrees;
import dev.millrace.builder.User;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.EngineConfig;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.NewerRecordsException;
import dev.millrace.engine.core.Pool;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.web.WebConfig;
import dev.millrace.engine.web.WebInterface;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.CommitHash;
import dev.millrace.plugins.git.GitClones;
import dev.millrace.plugins.git.GitException;
import dev.millrace.plugins.git.GitRepository;
import dev.millrace.plugins.git.HeadMonitor;
import dev.millrace.services.cikit.ArchiveCache;
import dev.millrace.services.cikit.ArchiveCacheConfig;
import dev.millrace.services.cikit.ContentExtraction;
import dev.millrace.services.cikit.PinSource;
import dev.millrace.services.ocamlci.LocalException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * CI for one project on this machine: the original's {@code ocaml-ci-local}.
 *
 * <p>{@link #start} opens the project, the builder and the records, starts the pipeline and serves
 * it; from then on a new commit starts a new round by itself. Thread-safe. Closing stops the jobs,
 * and leaves no process and no mount behind.
 */
public final class LocalCi implements AutoCloseable {
  /** Who builds, in every base image of OCaml's. */
  private static final User OPAM = new User(1000, 1000);

  /** A repository of opam packages may have to be fetched first. */
  private static final Duration PLAN_PATIENCE = Duration.ofMinutes(10);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicReference<Optional<RoundResult>> result =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<Commit>> commit = new AtomicReference<>(Optional.empty());
  private final LocalConfig config;
  private final Consumer<String> notice;

  // Set once by open, before start returns.
  private @Nullable Engine engine;
  private @Nullable WebInterface web;

  private LocalCi(LocalConfig config, Consumer<String> notice) {
    this.config = config;
    this.notice = notice;
  }

  /**
   * Starts everything.
   *
   * @param notice gets a line for each thing that a person should know: what is installed, where
   *     base images come from
   * @throws LocalException if it cannot be done, with whose fault it is; nothing is left behind
   */
  public static LocalCi start(LocalConfig config, Consumer<String> notice)
      throws InterruptedException {
    LocalCi ci = new LocalCi(config, notice);
    try {
      ci.open();
      return ci;
    } catch (IOException | RuntimeException e) {
      ci.close();
      throw ci.refusal(e);
    } catch (InterruptedException e) {
      ci.close();
      throw e;
    }
  }

  /**
   * Says what {@link #start} would run, and runs nothing: nothing is installed, built or served.
   *
   * @throws LocalException as {@link #start}
   */
  public static RunPlan plan(LocalConfig config, Consumer<String> notice)
      throws InterruptedException {
    try (LocalCi ci = new LocalCi(config, notice)) {
      GitRepository project = ci.openProject();
      LocalPipeline pipeline = ci.prepare(project, ci.choosePlatforms());
      return Engine.plan(ci.engineConfig(), pipeline::build, PLAN_PATIENCE);
    } catch (IOException | RuntimeException e) {
      throw new LocalCi(config, notice).refusal(e);
    }
  }

  /** What a person is told of a failure; a bug stays what it is. */
  private RuntimeException refusal(Exception failure) {
    if (FullDisk.isCauseOf(failure)) {
      return new LocalException(
          Kind.DISK_FULL,
          "The disk of the state directory \"%s\" is full: make room there, or name another directory with --state-dir"
              .formatted(config.stateDirectory()),
          failure);
    }
    return switch (failure) {
      case LocalException told -> told;
      case NewerRecordsException e ->
          new LocalException(Kind.STATE, String.valueOf(e.getMessage()), e);
      case GitException e -> new LocalException(Kind.PROJECT, String.valueOf(e.getMessage()), e);
      case StatedException e -> new LocalException(Kind.MACHINE, String.valueOf(e.getMessage()), e);
      case IOException e -> new LocalException(Kind.MACHINE, describe(e), e);
      case RuntimeException bug -> bug;
      default -> throw new IllegalArgumentException("Not expected here", failure);
    };
  }

  private static String describe(IOException failure) {
    return switch (failure) {
      case AccessDeniedException e -> "no permission for \"%s\"".formatted(e.getFile());
      case FileAlreadyExistsException e -> "\"%s\" is in the way".formatted(e.getFile());
      case NoSuchFileException e -> "\"%s\" cannot be made or is not there".formatted(e.getFile());
      case FileSystemException e when e.getReason() != null ->
          "cannot use \"%s\": %s".formatted(e.getFile(), e.getReason());
      default -> String.valueOf(failure.getMessage());
    };
  }

  private void open() throws IOException, InterruptedException {
    GitRepository project = openProject();
    checkAddress();
    PlatformChoice choice = choosePlatforms();
    HostTools.prepare(config.root(), choice.bootstrap(), notice);
    LocalPipeline pipeline = prepare(project, choice);
    Engine started = keep(Engine.start(engineConfig(), pipeline::build));
    engine = started;
    web = keep(serve(started, nameOf(config.project())));
  }

  private EngineConfig engineConfig() {
    return config.engine().apply(EngineConfig.in(config.stateDirectory()));
  }

  private GitRepository openProject() throws IOException {
    GitRepository project = keep(GitRepository.open(config.project()));
    // Asked now, so that nothing is set up for a project without commits.
    notice.accept("Testing what is committed: %s".formatted(project.head()));
    return project;
  }

  private PlatformChoice choosePlatforms() throws IOException, InterruptedException {
    PlatformChoice choice =
        PlatformChoice.of(
            config.platforms(), config.bases().bootstrapOnly(), new PublishedImages());
    notice.accept(choice.describe());
    return choice;
  }

  private BuilderHome openBuilder(Path directory) throws IOException, InterruptedException {
    BuilderHome home =
        BuilderHome.open(
            BuilderHome.Config.in(directory)
                .withBases(config.bases())
                .withSandbox(options -> options.withFastSync(true)));
    // Each build of OCaml's CI has steps of a user of their own: better none than all refused.
    Optional<String> refusal = home.refusal(OPAM);
    if (refusal.isPresent()) {
      home.close();
      throw new LocalException(
          Kind.MACHINE,
          "Cannot run steps as the user opam (user (uid %d) (gid %d)): %s"
              .formatted(OPAM.uid(), OPAM.gid(), refusal.get()),
          null);
    }
    return home;
  }

  /** Opens what the pipeline's jobs work with. */
  private LocalPipeline prepare(GitRepository project, PlatformChoice choice)
      throws IOException, InterruptedException {
    Path state = createStateDirectory();
    Path scratch = state.resolve("scratch");
    BuilderHome home = keep(openBuilder(state.resolve("builder")));
    // Whoever has the builder is alone here: this is what a killed process left.
    TemporaryDirectory.deleteTree(scratch);
    notice.accept("Sandbox: " + home.describe());
    GitClones clones = new GitClones(state.resolve("git"));
    PinSource pins = pins(clones);
    ArchiveCache archives =
        ArchiveCache.open(
            state.resolve("archives"),
            ArchiveCacheConfig.DEFAULT.withMirrors(
                config.archiveMirror().map(List::of).orElse(List.of())));
    OpenRepositories repositories = new OpenRepositories();
    StepRunner runner = new StepRunner(home.builder());
    Pool builds = Pool.of("build", config.jobsMax());
    // Mostly waiting for downloads: two at once even where only one build is.
    Pool bases = Pool.of("base", Math.max(2, config.jobsMax()));
    return new LocalPipeline(
        project.directory().toRealPath().toString(),
        new HeadMonitor(project),
        new RepositoryMonitor(config.opamRepository(), clones),
        choice.platforms(),
        new ExtractContent(
            project,
            new ContentExtraction(pins, ContentExtraction.LocalPins.ALLOWED, scratch),
            scratch),
        new ImportBase(home, bases, scratch),
        new Analyse(repositories, config.jobsMax()),
        new RunJob(
            project,
            runner,
            repositories,
            new PackageOrigin(config.opamRepository(), config.archiveMirror()),
            archives,
            pins,
            builds,
            scratch),
        now -> commit.set(Optional.of(now)),
        outcome -> result.set(Optional.of(outcome)));
  }

  private void checkAddress() {
    try (ServerSocket socket =
        new ServerSocket(config.pages().port(), 1, InetAddress.getByName(config.pages().host()))) {
      // Served later: the pages show an engine that is not there yet.
      if (!socket.getInetAddress().isLoopbackAddress() && config.pages().signOn().isEmpty()) {
        notice.accept(
            "Pages are open to whoever reaches %s, and read-only: nobody signs on here"
                .formatted(config.pages().host()));
      }
    } catch (UnknownHostException e) {
      throw cannotServe("no such address", e);
    } catch (IOException e) {
      throw cannotServe(String.valueOf(e.getMessage()), e);
    }
  }

  private LocalException cannotServe(String why, IOException cause) {
    return new LocalException(
        Kind.USAGE,
        "Cannot serve on %s, port %d: %s (--host and --port name another address)"
            .formatted(config.pages().host(), config.pages().port(), why),
        cause);
  }

  private Path createStateDirectory() {
    Path state = config.stateDirectory();
    try {
      return Files.createDirectories(state);
    } catch (IOException e) {
      throw new LocalException(
          Kind.USAGE,
          "Cannot keep state in \"%s\": %s (--state-dir names another directory)"
              .formatted(state, describe(e)),
          e);
    }
  }

  private static String nameOf(Path project) throws IOException {
    Path name = project.toRealPath().getFileName();
    return name == null ? "/" : name.toString();
  }

  private WebInterface serve(Engine started, String project) {
    try {
      return WebInterface.start(
          webConfig(project),
          started.control(),
          InstantSource.system(),
          List.of(started::metricsText));
    } catch (IOException e) {
      throw new LocalException(Kind.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private WebConfig webConfig(String project) {
    return config
        .pages()
        .withSiteName("Millrace local")
        .withSubject(() -> Optional.of(subject(project)));
  }

  /** Such as {@code hello at 1a2b3c4: Greet the world}. */
  private String subject(String project) {
    return commit
        .get()
        .map(
            head ->
                "%s at %s%s"
                    .formatted(
                        project,
                        head.hash().shortened(),
                        head.title().isEmpty() ? "" : ": " + head.title()))
        .orElse(project);
  }

  private final class PublishedImages implements PlatformChoice.Images {
    @Override
    public Optional<String> whyNoRegistry() throws InterruptedException {
      return new Registry(config.bases().registry()).whyUnreachable();
    }

    @Override
    public boolean isInDocker(String image) throws IOException, InterruptedException {
      return new DockerFetcher(List.of(), StepTrees.ofThisUser()).has(image);
    }
  }

  private static PinSource pins(GitClones clones) {
    return (url, commit, target) -> {
      var found = clones.fetchCommit(url, new CommitHash(commit));
      try (GitRepository copy = GitClones.open(found)) {
        copy.export(found, target);
      }
    };
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  /** What operators see and may do. */
  public EngineControl control() {
    return started(engine).control();
  }

  /** The address of the first page. */
  public String address() {
    return started(web).address();
  }

  /** The newest job that a row of a result tells of. */
  public Optional<JobSummary> findJob(RoundResult.JobKey job) {
    return control().findNewestJob(job.operation(), job.key());
  }

  /** The address of a job's page. */
  public String jobAddress(JobId job) {
    return address() + "job/" + job;
  }

  /** The file that the log of a job is in which has failed, or took longer than a moment. */
  public Path logFile(JobId job) {
    return config.stateDirectory().resolve("job").resolve(job + ".log");
  }

  /** The latest whole result; empty until the first round is over. */
  public Optional<RoundResult> result() {
    return result.get();
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("Not started");
    }
    return part;
  }

  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        // A part that does not close must not keep the others open.
        notice.accept("Cannot close everything: " + e.getMessage());
      }
    }
  }
}
