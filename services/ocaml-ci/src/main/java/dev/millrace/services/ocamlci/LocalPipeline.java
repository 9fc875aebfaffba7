package dev.millrace.services.ocamlci;

import dev.millrace.engine.core.Activity;
import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Done;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.Outcome;
import dev.millrace.engine.core.Schedule;
import dev.millrace.engine.core.StageState;
import dev.millrace.plugins.git.Commit;
import dev.millrace.services.cikit.JobKind;
import dev.millrace.services.cikit.JobOutcome;
import dev.millrace.services.cikit.JobResult;
import dev.millrace.services.cikit.PlannedJob;
import dev.millrace.services.cikit.Platform;
import dev.millrace.services.cikit.RepositoryContent;
import dev.millrace.services.cikit.Summary;
import dev.millrace.services.cikit.TestedPlatform;
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
      Consumer<RoundResult> publish) {
    this.project = project;
    this.head = head;
    this.repository = repository;
    this.platforms = platforms;
    this.extract = extract;
    this.importBase = importBase;
    this.analyse = analyse;
    this.runJob = runJob;
    this.publish = publish;
  }

  /** Builds the graph. */
  Current<Done> build(Engine engine) {
    Current<Commit> commit = engine.monitor("head", head);
    Current<RepositoryContent> content = engine.run("read opam files", extract, commit);
    Current<List<Base>> bases = bases(engine, content);
    Current<Analyse.Question> question =
        Current.zip(
            commit,
            content,
            bases,
            engine.monitor("opam repository", repository),
            (c, files, list, version) -> new Analyse.Question(c, files, tested(list), version));
    Current<Analyse.Answer> answer =
        engine.run("(analysis)", analyse, Current.of(project), question);
    Current<List<RunJob.Task>> tasks = Current.zip(question, answer, LocalPipeline::tasks);
    Current<List<Ended>> ended =
        Current.mapEachHidden(tasks, task -> task.planned().label(), job(engine));
    return verdict(commit, content.hiddenState(), bases, answer.hiddenState(), ended.hiddenState());
  }

  /** A platform and whether its base image is at hand. */
  private record Base(Platform platform, Outcome<TestedPlatform> outcome) {}

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
    return answer.jobs().stream()
        .map(
            job ->
                new RunJob.Task(
                    question.commit(),
                    question.content(),
                    question.platform(job.planned().variant()),
                    question.repository(),
                    job))
        .toList();
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
      Current<Outcome<RepositoryContent>> content,
      Current<List<Base>> bases,
      Current<Outcome<Analyse.Answer>> answer,
      Current<Outcome<List<Ended>>> ended) {
    return Current.zip(commit, content, bases, answer, ended, this::result)
        .flatMap(
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
      Commit commit,
      Outcome<RepositoryContent> content,
      List<Base> bases,
      Outcome<Analyse.Answer> answer,
      Outcome<List<Ended>> ended) {
    Rows rows = new Rows();
    for (Ended job : ended.toOptional().orElse(List.of())) {
      PlannedJob planned = job.task().planned();
      rows.add(
          new JobResult(
              planned.label(), planned.kind(), planned.experimental(), outcome(job.outcome())),
          job.outcome(),
          runJob.id(),
          runJob.keyDigest(jobKey(job.task())));
    }
    for (Base base : bases) {
      if (content.isOk() && !base.outcome().isOk()) {
        rows.add(
            new JobResult(
                base.platform().variant().toString(),
                JobKind.BUILD,
                false,
                outcome(base.outcome())),
            base.outcome(),
            importBase.id(),
            importBase.keyDigest(base.platform()));
      }
    }
    // Without content there is nothing to analyse: the job that read it has more to say.
    boolean read = content.isOk();
    rows.add(
        new JobResult(JobKind.ANALYSIS.label(), JobKind.ANALYSIS, false, outcome(answer)),
        answer,
        read ? analyse.id() : extract.id(),
        read ? analyse.keyDigest(project) : extract.keyDigest(commit));
    return rows.result(commit);
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

    void add(JobResult result, Outcome<?> outcome, String operation, String key) {
      results.add(result);
      rows.add(
          new RoundResult.Row(
              result.label(),
              outcome.state(),
              outcome.explanation(),
              result.experimental(),
              operation,
              key));
    }

    Optional<RoundResult> result(Commit commit) {
      boolean over = rows.stream().noneMatch(row -> row.state() == StageState.RUNNING);
      Summary summary = Summary.of(results);
      return over && !(summary instanceof Summary.Running)
          ? Optional.of(
              new RoundResult(
                  commit.toString(), rows, summary instanceof Summary.Passed, summary.text()))
          : Optional.empty();
    }
  }
}
