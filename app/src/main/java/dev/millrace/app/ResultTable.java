package dev.millrace.app;

import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import dev.millrace.services.ocamlci.LocalCi;
import dev.millrace.services.ocamlci.RoundResult;
import dev.millrace.services.ocamlci.RoundResult.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
          case FAILED -> "Failed: " + firstLine(result.summary());
          case ERROR -> "CI error: " + firstLine(result.summary());
        });
    return lines;
  }

  private static String firstLine(String text) {
    return PlainText.of(text.lines().findFirst().orElse(""));
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
    return row.message().map(ResultTable::firstLine).orElse("")
        + (row.experimental() && isBad(row) ? " (does not count)" : "");
  }

  private static boolean isBad(Row row) {
    return row.state() == StageState.FAILED || row.state() == StageState.ERROR;
  }

  /** What the message goes on to say, or else what the job printed last. */
  private static List<String> excerpt(String message, Optional<JobLog> log) throws IOException {
    List<String> details = message.lines().skip(1).map(PlainText::of).toList();
    if (!details.isEmpty() || log.isEmpty()) {
      return details;
    }
    return FailureExcerpt.of(log.get());
  }

  private static void addFailures(List<String> lines, RoundResult result, LocalCi ci)
      throws IOException {
    Set<List<String>> shown = new HashSet<>();
    for (Row row : result.rows()) {
      Optional<JobSummary> job = job(row, ci).filter(newest -> isBad(row));
      if (job.isEmpty()) {
        continue;
      }
      JobId id = job.get().id();
      lines.add("");
      String message = row.message().orElse("failed");
      lines.add("%s: %s".formatted(row.label(), firstLine(message)));
      List<String> excerpt = excerpt(message, ci.control().findLog(id));
      if (shown.add(excerpt)) {
        excerpt.forEach(line -> lines.add("  | " + line));
      } else if (!excerpt.isEmpty()) {
        lines.add("  (the same output as above)");
      }
      lines.add("  log:  " + ci.logFile(id));
      lines.add("  page: " + ci.jobAddress(id));
    }
  }
}
