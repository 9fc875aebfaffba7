package dev.millrace.services.ocamlci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.core.Done;
import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.JobSkippedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Operation;
import dev.millrace.engine.core.Pool;
import dev.millrace.opam.OpamRepository;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.GitException;
import dev.millrace.plugins.git.GitRepository;
import dev.millrace.services.cikit.ArchiveCache;
import dev.millrace.services.cikit.CiKitException;
import dev.millrace.services.cikit.ContextDirectory;
import dev.millrace.services.cikit.PinSource;
import dev.millrace.services.cikit.PlannedJob;
import dev.millrace.services.cikit.RepositoryContent;
import dev.millrace.services.cikit.RepositorySource;
import dev.millrace.services.cikit.ReproduceBlock;
import dev.millrace.services.cikit.TestedPlatform;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs one job of a commit: builds and tests it on a platform, or lints it. */
final class RunJob implements Operation<String, RunJob.Task, Done> {
  private static final Duration TIME_MAX = Duration.ofHours(1);
  private static final String STANDS_IN =
      "The job's base was made of the distribution's packages. The published image stands in for it: its compiler is opam's own.";

  private final GitRepository project;
  private final StepRunner runner;
  private final OpenRepositories repositories;
  private final PackageOrigin packages;
  private final ArchiveCache archives;
  private final PinSource pins;
  private final Pool pool;
  private final Path scratch;

  RunJob(
      GitRepository project,
      StepRunner runner,
      OpenRepositories repositories,
      PackageOrigin packages,
      ArchiveCache archives,
      PinSource pins,
      Pool pool,
      Path scratch) {
    this.project = project;
    this.runner = runner;
    this.repositories = repositories;
    this.packages = packages;
    this.archives = archives;
    this.pins = pins;
    this.pool = pool;
    this.scratch = scratch;
  }

  /** A job with all that it is made from. */
  record Task(
      Commit commit,
      RepositoryContent content,
      TestedPlatform platform,
      RepositoryVersion repository,
      Analyse.Planned job) {
    PlannedJob planned() {
      return job.planned();
    }

    Spec spec() {
      return planned().spec(content, platform.base(), new RepositorySource.Copied(job.sources()));
    }
  }

  @Override
  public String id() {
    return "ci-build";
  }

  @Override
  public String describe(String key, Task task) {
    return task.planned().label();
  }

  @Override
  public String keyDigest(String key) {
    return "1 " + key;
  }

  /**
   * The files, the steps, and what the packages say: nothing that changes without changing the
   * build.
   */
  @Override
  public String valueDigest(Task task) {
    String work =
        switch (task.planned().work()) {
          case PlannedJob.Work.Run _ -> task.spec().render();
          case PlannedJob.Work.Skip skip -> skip.toString();
          case PlannedJob.Work.Fail fail -> fail.toString();
        };
    return Digests.of(List.of(task.commit().tree().hex(), work, task.job().digest()));
  }

  @Override
  public String encode(Done outcome) {
    return "";
  }

  @Override
  public Done decode(String text) {
    return Done.DONE;
  }

  /** Work for a commit that is no longer the head, or for versions no longer chosen, is wasted. */
  @Override
  public boolean autoCancel() {
    return true;
  }

  @Override
  public boolean isAdvisory(String key, Task task) {
    return task.planned().experimental();
  }

  @Override
  public Optional<Duration> timeLimit() {
    return Optional.of(TIME_MAX);
  }

  @Override
  public Done run(Job job, String key, Task task)
      throws IOException, InterruptedException, JobFailedException, JobSkippedException {
    switch (task.planned().work()) {
      case PlannedJob.Work.Skip(String reason) -> {
        job.start(Level.HARMLESS, Optional.empty());
        throw new JobSkippedException(reason);
      }
      case PlannedJob.Work.Fail(String problem) -> {
        job.start(Level.HARMLESS, Optional.empty());
        throw new JobFailedException(problem);
      }
      case PlannedJob.Work.Run _ -> {
        job.start(Level.AVERAGE, Optional.of(pool));
        build(job, task);
      }
    }
    return Done.DONE;
  }

  private void build(Job job, Task task)
      throws IOException, InterruptedException, JobFailedException {
    job.log("Commit: " + task.commit());
    job.log("Base: " + task.platform().base());
    job.log("opam repository: " + task.repository());
    byte[] block = (String.join("\n", reproduce(task)) + "\n").getBytes(UTF_8);
    job.write(block, 0, block.length);
    try (TemporaryDirectory directory = TemporaryDirectory.in(scratch, "job-");
        OpamRepository repository = repositories.open(task.repository())) {
      Path source = directory.path().resolve("checkout");
      project.export(task.commit(), source);
      archives.fetch(task.job().sources().archives(), job::log);
      Path context = directory.path().resolve("context");
      new ContextDirectory(repository, archives, pins)
          .write(context, source, task.content(), task.job().sources());
      runner.run(task.spec(), context, new JobBuildLog(job));
    } catch (GitException | CiKitException e) {
      throw new JobFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private List<String> reproduce(Task task) {
    Commit commit = task.commit();
    String inside = commit.directory().isEmpty() ? "" : "/" + commit.directory();
    return ReproduceBlock.of(
        task.planned(),
        task.content(),
        """
        git clone --recursive "%s" project && cd "project%s" && git reset --hard %s
        """
            .formatted(commit.gitDirectory(), inside, commit.hash()),
        packages.versions(task.repository()),
        task.platform().base().startsWith("bootstrap:") ? List.of(STANDS_IN) : List.of());
  }
}
