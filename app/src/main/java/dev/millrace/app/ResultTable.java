package dev.millrace.app;

import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.program.Durations;
import dev.millrace.engine.program.FailureReport;
import dev.millrace.engine.program.PlainText;
import dev.millrace.engine.program.Progress;
import dev.millrace.services.ocamlci.LocalCi;
import dev.millrace.services.ocamlci.RoundResult;
import dev.millrace.services.ocamlci.RoundResult.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a round ended: a line for each job, then for each failed one what is needed to mend it. */
final class ResultTable {
  private ResultTable() {}

  static List<String> render(RoundResult result, LocalCi ci) throws IOException {
    int width = result.rows().stream().mapToInt(row -> row.label().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(PlainText.of(result.commit()));
    for (Row row : result.rows()) {
      lines.add(
          ("  %-" + width + "s  %-16s %6s  %s")
              .formatted(row.label(), Progress.word(row.state()), took(job(row, ci)), reason(row))
              .stripTrailing());
    }
    addFailures(lines, result, ci);
    lines.add("");
    lines.add(
        switch (result.verdict()) {
          case PASSED -> "Passed";
          case FAILED -> "Failed: " + FailureReport.firstLine(result.summary());
          case ERROR -> "CI error: " + FailureReport.firstLine(result.summary());
        });
    return lines;
  }

  private static Optional<JobSummary> job(Row row, LocalCi ci) {
    return row.job().flatMap(ci::findJob);
  }

  private static String took(Optional<JobSummary> job) {
    if (job.isEmpty() || job.get().started().isEmpty() || job.get().finished().isEmpty()) {
      return "";
    }
    return Durations.render(
        Duration.between(job.get().started().get(), job.get().finished().get()));
  }

  private static String reason(Row row) {
    return row.message().map(FailureReport::firstLine).orElse("")
        + (row.experimental() && isBad(row) ? " (does not count)" : "");
  }

  private static boolean isBad(Row row) {
    return row.state() == StageState.FAILED || row.state() == StageState.ERROR;
  }

  private static void addFailures(List<String> lines, RoundResult result, LocalCi ci)
      throws IOException {
    FailureReport report = new FailureReport(ci.control(), ci::logFile, ci::jobAddress);
    for (Row row : result.rows()) {
      Optional<JobSummary> job = job(row, ci).filter(_ -> isBad(row));
      if (job.isPresent()) {
        lines.addAll(report.describe(row.label(), row.message().orElse("failed"), job.get().id()));
      }
    }
  }
}
