package dev.millrace.engine.program;

import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * Progress on a terminal: a line for each running job, redrawn in place, above it what failed,
 * below it counts. What has ended well is folded into the counts.
 */
final class TerminalProgress implements Progress {
  private static final int RUNNING_LINES_MAX = 12;
  private static final String CLEAR_LINE = "\u001b[2K";
  private static final String UP = "\u001b[1A";

  private final PrintWriter out;
  private final InstantSource clock;
  private final IntSupplier width;
  private final Instant start;
  private final Set<Object> reported = new HashSet<>();
  private int drawn;

  TerminalProgress(PrintWriter out, InstantSource clock, IntSupplier width) {
    this.out = out;
    this.clock = clock;
    this.width = width;
    this.start = clock.instant();
  }

  @Override
  public void show(List<JobSummary> jobs) {
    List<JobSummary> ours =
        jobs.reversed().stream().filter(job -> !job.created().isBefore(start)).toList();
    erase();
    for (JobSummary job : ours) {
      if ((job.state() == StageState.FAILED || job.state() == StageState.ERROR)
          && reported.add(job.id())) {
        out.println(fit(colour(job.state(), Progress.word(job.state())), label(job)));
      }
    }
    draw(lines(ours));
  }

  private List<String> lines(List<JobSummary> jobs) {
    List<String> lines = new ArrayList<>();
    List<JobSummary> running =
        jobs.stream().filter(job -> job.state() == StageState.RUNNING).toList();
    for (JobSummary job : running.subList(0, Math.min(running.size(), RUNNING_LINES_MAX))) {
      Duration time = Duration.between(job.started().orElse(job.created()), clock.instant());
      lines.add(
          fit(colour(StageState.RUNNING, "◔ %6s".formatted(Durations.render(time))), label(job)));
    }
    if (running.size() > RUNNING_LINES_MAX) {
      lines.add("  and %d more running".formatted(running.size() - RUNNING_LINES_MAX));
    }
    lines.add(counts(jobs));
    return lines;
  }

  private String counts(List<JobSummary> jobs) {
    List<String> parts = new ArrayList<>();
    for (StageState state : StageState.values()) {
      long count = jobs.stream().filter(job -> job.state() == state).count();
      if (count > 0) {
        String[] word = Progress.word(state).split(" ", 2);
        parts.add(colour(state, word[0] + " " + count + " " + word[1]));
      }
    }
    String time = Durations.render(Duration.between(start, clock.instant()));
    return parts.isEmpty() ? time : time + "  " + String.join("  ", parts);
  }

  private static String label(JobSummary job) {
    return PlainText.of(job.description())
        + (Progress.isOver(job.state())
            ? job.message()
                .map(text -> ": " + PlainText.of(text.lines().findFirst().orElse("")))
                .orElse("")
            : "");
  }

  private String fit(String head, String text) {
    int room = Math.max(20, width.getAsInt()) - 22;
    String cut = text.length() > room && room > 1 ? text.substring(0, room - 1) + "…" : text;
    return head + "  " + cut;
  }

  private static String colour(StageState state, String text) {
    String code =
        switch (state) {
          case PASSED -> "32";
          case FAILED, ERROR -> "31";
          case RUNNING -> "33";
          case APPROVAL -> "34";
          case QUEUED, BLOCKED, CANCELLED, SKIPPED -> "2";
        };
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }

  private void draw(List<String> lines) {
    lines.forEach(out::println);
    drawn = lines.size();
    out.flush();
  }

  private void erase() {
    for (int i = 0; i < drawn; i++) {
      out.print(UP + CLEAR_LINE + "\r");
    }
    drawn = 0;
  }

  @Override
  public void say(String line) {
    print(List.of(line));
  }

  @Override
  public void print(List<String> lines) {
    erase();
    lines.forEach(out::println);
    out.flush();
  }

  @Override
  public void close() {
    erase();
    out.flush();
  }
}
