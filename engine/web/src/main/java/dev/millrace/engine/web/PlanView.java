package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.core.RunPlan.Fate;
import dev.millrace.engine.core.RunPlan.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the engine has to do, what it knows, and what it cannot know yet. Immutable.
 *
 * @param runs what runs or is about to
 * @param unknown the labels of the stages that wait for that
 */
record PlanView(Part runs, Part fails, Part skipped, Part cached, Labels unknown, Instant now) {
  static final int ROWS_MAX = 200;

  /** Work of one fate; the first of it have a row. */
  record Part(List<Row> rows, int all, Duration expected, int unmeasured) {
    private static Part of(EngineControl engine, RunPlan plan, Fate fate, Instant now) {
      List<Work> works = plan.works().stream().filter(work -> work.fate() == fate).toList();
      Duration expected =
          works.stream()
              .flatMap(work -> work.expected().stream())
              .reduce(Duration.ZERO, Duration::plus);
      return new Part(
          works.stream().limit(ROWS_MAX).map(work -> Row.of(engine, work, now)).toList(),
          works.size(),
          expected,
          (int) works.stream().filter(work -> work.expected().isEmpty()).count());
    }

    int more() {
      return all - rows.size();
    }

    /** How much work it is, by how long it took before. */
    String sum() {
      if (unmeasured == all) {
        return "Nothing of the kind has passed before, so how long it takes is not known.";
      }
      return "By how long it took before, this is %s of work%s."
          .formatted(
              Times.duration(expected),
              unmeasured == 0 ? "" : ", and %d without a time".formatted(unmeasured));
    }
  }

  /** The labels of stages; the first of them. */
  record Labels(List<String> shown, int all) {
    int more() {
      return all - shown.size();
    }
  }

  /**
   * Some work.
   *
   * @param job its newest job
   */
  record Row(Work work, Optional<JobView> job) {
    private static Row of(EngineControl engine, Work work, Instant now) {
      Optional<JobSummary> job = engine.findNewestJob(work.operation(), work.key());
      return new Row(work, job.map(found -> new JobView(found, false, now)));
    }

    String title() {
      String title = work.description().isBlank() ? work.operation() : work.description();
      return LabelText.visible(title);
    }

    String operation() {
      return LabelText.visible(work.operation());
    }

    String expected() {
      return work.expected().map(Times::duration).orElse("");
    }

    Reason why() {
      return Reason.of(
          work.why()
              .map(reason -> reason.sentence())
              .or(() -> job.flatMap(known -> known.job().message()))
              .orElse(""));
    }
  }

  static PlanView of(EngineControl engine, Instant now) {
    RunPlan plan = engine.plan();
    return new PlanView(
        Part.of(engine, plan, Fate.RUNS, now),
        Part.of(engine, plan, Fate.FAILS, now),
        Part.of(engine, plan, Fate.SKIPPED, now),
        Part.of(engine, plan, Fate.CACHED, now),
        new Labels(
            plan.unknown().stream().limit(ROWS_MAX).map(LabelText::visible).toList(),
            plan.unknown().size()),
        now);
  }
}
