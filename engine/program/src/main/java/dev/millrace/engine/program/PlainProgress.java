package dev.millrace.engine.program;

import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Progress for files and pipes: one line when a job starts, one when it ends. They go to the error
 * output, so that what is printed as the result can be kept by itself.
 */
final class PlainProgress implements Progress {
  private final PrintWriter out;
  private final PrintWriter err;
  private final Instant start;
  private final InstantSource clock;
  private final Map<JobId, StageState> shown = new HashMap<>();

  /** Shows jobs made from now on. */
  PlainProgress(PrintWriter out, PrintWriter err, InstantSource clock) {
    this.out = out;
    this.err = err;
    this.clock = clock;
    this.start = clock.instant();
  }

  @Override
  public void show(List<JobSummary> jobs) {
    for (JobSummary job : jobs.reversed()) {
      StageState before = shown.get(job.id());
      if (job.created().isBefore(start) || job.state() == before) {
        continue;
      }
      shown.put(job.id(), job.state());
      if (Progress.isOver(job.state()) || job.state() == StageState.RUNNING) {
        say(line(job));
      }
    }
  }

  private static String line(JobSummary job) {
    String took =
        job.finished().isPresent()
            ? " (%s)"
                .formatted(
                    Durations.render(
                        Duration.between(
                            job.started().orElse(job.created()), job.finished().get())))
            : "";
    String why =
        Progress.isOver(job.state())
            ? job.message()
                .map(text -> ": " + PlainText.of(text.lines().findFirst().orElse("")))
                .orElse("")
            : "";
    return Progress.word(job.state()) + "  " + PlainText.of(job.description()) + took + why;
  }

  @Override
  public void say(String line) {
    err.printf("[%4s] %s%n", Durations.render(Duration.between(start, clock.instant())), line);
    err.flush();
  }

  @Override
  public void print(List<String> lines) {
    lines.forEach(out::println);
    out.flush();
  }

  @Override
  public void close() {}
}
