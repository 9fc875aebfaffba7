package dev.millrace.app;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import dev.millrace.services.ocamlci.LocalCi;
import dev.millrace.services.ocamlci.RoundResult;
import dev.millrace.services.ocamlci.RoundResult.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Prints how a round ended: a line for each job, then for each failed one what a person needs to
 * mend it.
 */
final class ResultTable {
  private static final int JOBS_SEARCHED = 500;

  private ResultTable() {}

  static void print(RoundResult result, EngineControl control, LocalCi ci, Consumer<String> out)
      throws IOException {
    int width = result.rows().stream().mapToInt(row -> row.label().length()).max().orElse(0);
    out.accept("");
    out.accept(PlainText.of(result.commit()));
    for (Row row : result.rows()) {
      Optional<JobSummary> job = job(row, control);
      out.accept(
          ("  %-" + width + "s  %-16s %6s  %s")
              .formatted(row.label(), Progress.word(row.state()), took(job), reason(row))
              .stripTrailing());
    }
    printFailures(result, control, ci, out);
    out.accept("");
    out.accept(PlainText.of(result.summary()));
  }

  /** The newest job of the row's label. */
  private static Optional<JobSummary> job(Row row, EngineControl control) {
    return control.listJobs(JobQuery.newest(JOBS_SEARCHED)).stream()
        .filter(job -> job.description().equals(row.label()))
        .findFirst();
  }

  private static String took(Optional<JobSummary> job) {
    if (job.isEmpty() || job.get().started().isEmpty() || job.get().finished().isEmpty()) {
      return "";
    }
    return Durations.render(
        Duration.between(job.get().started().get(), job.get().finished().get()));
  }

  private static String reason(Row row) {
    String text = row.message().map(message -> message.lines().findFirst().orElse("")).orElse("");
    return PlainText.of(text) + (row.experimental() && isBad(row) ? " (does not count)" : "");
  }

  private static boolean isBad(Row row) {
    return row.state() == StageState.FAILED || row.state() == StageState.ERROR;
  }

  private static void printFailures(
      RoundResult result, EngineControl control, LocalCi ci, Consumer<String> out)
      throws IOException {
    Set<List<String>> printed = new HashSet<>();
    for (Row row : result.rows()) {
      Optional<JobSummary> job = job(row, control);
      if (!isBad(row) || job.isEmpty()) {
        continue;
      }
      JobId id = job.get().id();
      out.accept("");
      out.accept("%s: %s".formatted(row.label(), PlainText.of(row.message().orElse("failed"))));
      Optional<JobLog> log = control.findLog(id);
      List<String> excerpt = log.isPresent() ? FailureExcerpt.of(log.get()) : List.of();
      if (printed.add(excerpt)) {
        excerpt.forEach(line -> out.accept("  | " + line));
      } else if (!excerpt.isEmpty()) {
        out.accept("  (the same output as above)");
      }
      out.accept("  log:  " + ci.logFile(id));
      out.accept("  page: " + ci.jobAddress(id));
    }
  }
}
