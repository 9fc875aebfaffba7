package dev.millrace.engine.program;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How a settled pipeline stands: a line for each of its jobs, then what is needed to mend it. */
final class PipelineReport {
  private static final int JOBS_MAX = 1000;
  private static final int LABEL_MAX = 60;

  private PipelineReport() {}

  static List<String> render(Overview overview, EngineControl control, FailureReport failures)
      throws IOException {
    List<JobSummary> jobs =
        control.listJobs(JobQuery.newest(JOBS_MAX)).reversed().stream()
            .filter(JobSummary::live)
            .toList();
    List<String> lines = new ArrayList<>(List.of(""));
    int width =
        Math.min(
            LABEL_MAX, jobs.stream().mapToInt(job -> job.description().length()).max().orElse(1));
    jobs.forEach(job -> lines.add(line(job, width)));
    for (JobSummary job : jobs) {
      if (Set.of(StageState.FAILED, StageState.ERROR).contains(job.state())) {
        lines.addAll(
            failures.describe(job.description(), job.message().orElse("failed"), job.id()));
      }
    }
    lines.add("");
    lines.add(
        overview.result() == StageState.PASSED
            ? "Passed"
            : "%s: %s"
                .formatted(
                    overview.result() == StageState.ERROR ? "CI error" : "Failed",
                    FailureReport.firstLine(overview.message().orElse("it did not pass"))));
    return lines;
  }

  private static String line(JobSummary job, int width) {
    String took =
        job.started().isPresent() && job.finished().isPresent()
            ? Durations.render(Duration.between(job.started().get(), job.finished().get()))
            : "";
    return ("  %-" + width + "s  %-16s %6s  %s")
        .formatted(
            PlainText.of(job.description()),
            Progress.word(job.state()),
            took,
            job.message().map(FailureReport::firstLine).orElse(""))
        .stripTrailing();
  }
}
