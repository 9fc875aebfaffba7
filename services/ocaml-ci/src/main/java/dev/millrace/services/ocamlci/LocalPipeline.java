package dev.millrace.services.ocamlci;

import dev.millrace.engine.core.Activity;
import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Done;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.Outcome;
import dev.millrace.engine.core.Schedule;
import dev.millrace.engine.core.StageState;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.HeadMonitor;
import dev.millrace.services.cikit.JobKind;
import dev.millrace.services.cikit.JobOutcome;
import dev.millrace.services.cikit.JobResult;
import dev.millrace.services.cikit.PlannedJob;
import dev.millrace.services.cikit.Platform;
import dev.millrace.services.cikit.RepositoryContent;
import dev.millrace.services.cikit.Summary;
import dev.millrace.services.cikit.TestedPlatform;
import dev.millrace.services.ocamlci.RoundResult.JobKey;
import dev.millrace.services.ocamlci.RoundResult.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The pipeline of {@code millrace local}: head → opam files → base images → versions → jobs →
 * summary.
 *
 * <p>A platform whose base image cannot be had is a failed row of the result and no more: the
 * others are tested all the same.
 */
final class LocalPipeline {
  /** Published images move on; how long one is used before it is looked up again. */
  private static final Schedule BASES = Schedule.validFor(Duration.ofDays(30));

  private final String project;
  private final HeadMonitor head;
  private final RepositoryMonitor repository;
  private final List<Platform> platforms;
  private final ExtractContent extract;
  private final ImportBase importBase;
  private final Analyse analyse;
  private final RunJob runJob;
  private final Consumer<Commit> begin;
  private final Consumer<RoundResult> publish;

  LocalPipeline(
      String project,
      HeadMonitor head,
      RepositoryMonitor repository,
      List<Platform> platforms,
      ExtractContent extract,
      ImportBase importBase,
      Analyse analyse,
      RunJob runJob,
      Consumer<Commit> begin,
      Consumer<RoundResult> publish) {
    this.project = project;
    this.head = head;
    this.repository = repository;
    this.platforms = platforms;
    this.extract = extract;
    this.importBase = importBase;
    this.analyse = analyse;
    this.runJob = runJob;
    this.begin = begin;
    this.publish = publish;
  }

  /** Builds the graph. */
  Current<Done> build(Engine engine) {
    Current<Commit> commit = engine.monitor("head", head).map(this::begun);
    Current<RepositoryContent> content = engine.run("read opam files", extract, commit);
    Current<List<Base>> bases = bases(engine, content);
    Current<RepositoryVersion> versions = engine.monitor("opam repository", repository);
    Current<Analyse.Question> question =
        Current.zip(
            commit,
            content,
            bases,
            versions,
            (c, files, list, version) -> new Analyse.Question(c, files, tested(list), version));
    Current<Analyse.Answer> answer =
        engine.run(
            "(analysis)", analyse, commit.map(c -> Analyse.Subject.of(project, c)), question);
    Current<List<RunJob.Task>> tasks = Current.zip(question, answer, LocalPipeline::tasks);
    Current<List<Ended>> ended =
        Current.mapEachHidden(tasks, task -> task.planned().label(), job(engine));
    Current<Ground> ground =
        Current.zip(content.hiddenState(), versions.hiddenState(), bases, Ground::new);
    return verdict(commit, ground, answer.hiddenState(), ended.hiddenState());
  }

  /** Makes known which commit everything that follows is about. */
  private Commit begun(Commit commit) {
    begin.accept(commit);
    return commit;
  }

  /** A platform and whether its base image is at hand. */
  private record Base(Platform platform, Outcome<TestedPlatform> outcome) {}

  /** What the jobs are planned from. */
  private record Ground(
      Outcome<RepositoryContent> content, Outcome<RepositoryVersion> versions, List<Base> bases) {}

  /** Making an image takes minutes: not begun for a project that cannot be built. */
  private Current<List<Base>> bases(Engine engine, Current<RepositoryContent> content) {
    List<Current<Base>> bases = new ArrayList<>();
    for (Platform platform : platforms) {
      bases.add(
          engine
              .run("base of " + platform.variant(), importBase, content.map(_ -> platform), BASES)
              .hiddenCatching()
              .map(outcome -> new Base(platform, outcome)));
    }
    return Current.all(bases);
  }

  private static List<TestedPlatform> tested(List<Base> bases) {
    return bases.stream().flatMap(base -> base.outcome().toOptional().stream()).toList();
  }

  private static List<RunJob.Task> tasks(Analyse.Question question, Analyse.Answer answer) {
    List<RunJob.Task> tasks = new ArrayList<>();
    for (Analyse.Planned job : answer.jobs()) {
      // A platform can be lost while the answer that has it is still shown.
      question
          .platform(job.planned().variant())
          .map(
              platform ->
                  new RunJob.Task(
                      question.commit(), question.content(), platform, question.repository(), job))
          .ifPresent(tasks::add);
    }
    return tasks;
  }

  /** A job and how it stands. */
  private record Ended(RunJob.Task task, Outcome<Done> outcome) {}

  private Function<Current<RunJob.Task>, Current<Ended>> job(Engine engine) {
    return task ->
        Current.zip(
            task,
            engine.runDescribed("(each job)", runJob, task.map(this::jobKey), task).hiddenState(),
            Ended::new);
  }

  /** The whole pipeline's result, which is also made known to whoever waits for it. */
  private Current<Done> verdict(
      Current<Commit> commit,
      Current<Ground> ground,
      Current<Outcome<Analyse.Answer>> answer,
      Current<Outcome<List<Ended>>> ended) {
    return Current.zip(commit, ground, answer, ended, this::result)
        .flatMap(
            "summary",
            result -> {
              if (result.isEmpty()) {
                return Current.active(Activity.RUNNING);
              }
              publish.accept(result.get());
              return result.get().passed()
                  ? Current.of(Done.DONE)
                  : Current.failed(result.get().summary());
            });
  }

  /** Empty while something that counts is not over. */
  private Optional<RoundResult> result(
      Commit commit, Ground ground, Outcome<Analyse.Answer> answer, Outcome<List<Ended>> ended) {
    Rows rows = new Rows();
    for (Ended job : ended.toOptional().orElse(List.of())) {
      PlannedJob planned = job.task().planned();
      rows.add(
          new JobResult(
              planned.label(), planned.kind(), planned.experimental(), outcome(job.outcome())),
          job.outcome(),
          Optional.of(new JobKey(runJob.id(), runJob.keyDigest(jobKey(job.task())))));
    }
    for (Base base : ground.bases()) {
      if (ground.content().isOk() && !base.outcome().isOk()) {
        rows.add(
            new JobResult(
                base.platform().variant().toString(),
                JobKind.BUILD,
                false,
                outcome(base.outcome())),
            base.outcome(),
            Optional.of(new JobKey(importBase.id(), importBase.keyDigest(base.platform()))));
      }
    }
    addAnalysis(rows, commit, ground, answer);
    return rows.result(commit);
  }

  /** Without all that it needs there is no analysis: then what failed has more to say. */
  private void addAnalysis(
      Rows rows, Commit commit, Ground ground, Outcome<Analyse.Answer> answer) {
    if (!ground.content().isOk()) {
      rows.addCheck(
          JobKind.ANALYSIS.label(),
          ground.content(),
          Optional.of(new JobKey(extract.id(), extract.keyDigest(commit))));
    } else if (ground.versions() instanceof Outcome.Failed<RepositoryVersion>) {
      rows.addCheck("opam repository", ground.versions(), Optional.empty());
    } else {
      rows.addCheck(
          JobKind.ANALYSIS.label(),
          answer,
          Optional.of(
              new JobKey(analyse.id(), analyse.keyDigest(Analyse.Subject.of(project, commit)))));
    }
  }

  private String jobKey(RunJob.Task task) {
    return project + " " + task.planned().label();
  }

  private static JobOutcome outcome(Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Ok<?> _ -> new JobOutcome.Passed();
      case Outcome.Failed<?> failed -> new JobOutcome.Failed(failed.message());
      case Outcome.Skipped<?> skipped -> new JobOutcome.Skipped(skipped.reason());
      case Outcome.Active<?> _ -> new JobOutcome.Active();
    };
  }

  /** The rows of a result, and what they amount to. */
  private static final class Rows {
    private final List<RoundResult.Row> rows = new ArrayList<>();
    private final List<JobResult> results = new ArrayList<>();

    void addCheck(String label, Outcome<?> outcome, Optional<JobKey> job) {
      add(new JobResult(label, JobKind.ANALYSIS, false, outcome(outcome)), outcome, job);
    }

    void add(JobResult result, Outcome<?> outcome, Optional<JobKey> job) {
      results.add(result);
      rows.add(
          new RoundResult.Row(
              result.label(), outcome.state(), outcome.explanation(), result.experimental(), job));
    }

    Optional<RoundResult> result(Commit commit) {
      boolean over = rows.stream().noneMatch(row -> row.state() == StageState.RUNNING);
      Summary summary = Summary.of(results);
      return over && !(summary instanceof Summary.Running)
          ? Optional.of(new RoundResult(commit.toString(), rows, verdict(summary), summary.text()))
          : Optional.empty();
    }

    private Verdict verdict(Summary summary) {
      if (summary instanceof Summary.Passed) {
        return Verdict.PASSED;
      }
      List<StageState> counted =
          rows.stream().filter(row -> !row.experimental()).map(RoundResult.Row::state).toList();
      return counted.contains(StageState.ERROR) && !counted.contains(StageState.FAILED)
          ? Verdict.ERROR
          : Verdict.FAILED;
    }
  }
}
