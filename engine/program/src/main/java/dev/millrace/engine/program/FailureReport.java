package dev.millrace.engine.program;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a person needs to mend failed jobs: what each printed last, where its log is and its page.
 * The same output is shown once in one report.
 */
public final class FailureReport {
  private final EngineControl control;
  private final Function<JobId, Path> logFile;
  private final Function<JobId, String> address;
  private final Set<List<String>> shown = new HashSet<>();

  /** Begins a report. */
  public FailureReport(
      EngineControl control, Function<JobId, Path> logFile, Function<JobId, String> address) {
    this.control = control;
    this.logFile = logFile;
    this.address = address;
  }

  /** Lines about one failed job. */
  public List<String> describe(String label, String message, JobId job) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("%s: %s".formatted(PlainText.of(label), firstLine(message)));
    List<String> excerpt = excerpt(message, control.findLog(job));
    if (shown.add(excerpt)) {
      excerpt.forEach(line -> lines.add("  | " + line));
    } else if (!excerpt.isEmpty()) {
      lines.add("  (the same output as above)");
    }
    lines.add("  log:  " + logFile.apply(job));
    lines.add("  page: " + address.apply(job));
    return lines;
  }

  /** The first line of a message, safe to print. */
  public static String firstLine(String text) {
    return PlainText.of(text.lines().findFirst().orElse(""));
  }

  /** What the message goes on to say, or else what the job printed last. */
  private static List<String> excerpt(String message, Optional<JobLog> log) throws IOException {
    List<String> details = message.lines().skip(1).map(PlainText::of).toList();
    if (!details.isEmpty() || log.isEmpty()) {
      return details;
    }
    return FailureExcerpt.of(log.get());
  }
}
