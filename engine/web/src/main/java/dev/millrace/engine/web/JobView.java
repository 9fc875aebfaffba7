package dev.millrace.engine.web;

import dev.millrace.engine.core.JobSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One job as it is listed and headed. Immutable.
 *
 * @param current whether this is the job whose page shows it
 */
record JobView(JobSummary job, boolean current, Instant now) {
  private static final int BARS = 15;

  /** One bar of the recent builds: its height is the time that the build took. */
  record Bar(int x, int height, boolean notch, String style) {}

  StateLook look() {
    return StateLook.of(job.state());
  }

  String title() {
    return LabelText.visible(job.description().isBlank() ? job.operation() : job.description());
  }

  String operation() {
    return LabelText.visible(job.operation());
  }

  String address() {
    return "/job/" + job.id().value();
  }

  String rowId() {
    return "j-" + job.id().value().replaceAll("[^A-Za-z0-9-]", "-");
  }

  String number() {
    return "#" + job.build();
  }

  String key() {
    return LabelText.visible(job.key());
  }

  /** Why it failed, was skipped or was cancelled; empty if there is nothing to say. */
  Reason reason() {
    return Reason.of(job.message().orElse(""));
  }

  boolean isFailure() {
    return StateLook.isBad(job.state());
  }

  /** Whether it is a failure that does not count. */
  boolean isAdvice() {
    return job.advisory() && isFailure();
  }

  boolean isUnfinished() {
    return job.finished().isEmpty();
  }

  /** How long it worked, so far or in all. */
  Optional<String> duration() {
    return job.started()
        .map(start -> Times.duration(Duration.between(start, job.finished().orElse(now))));
  }

  Optional<String> since() {
    return job.finished().isEmpty() ? job.started().map(Times::iso) : Optional.empty();
  }

  /** How long it waited before it began. */
  Optional<String> queued() {
    return job.started()
        .map(start -> Duration.between(job.created(), start))
        .filter(wait -> wait.toSeconds() > 0)
        .map(Times::duration);
  }

  /** The newest builds, the newest at the right. */
  static List<Bar> bars(List<JobView> jobs) {
    List<JobView> newest = jobs.subList(0, Math.min(BARS, jobs.size()));
    long longest = newest.stream().mapToLong(JobView::seconds).max().orElse(1);
    List<Bar> bars = new ArrayList<>();
    for (int i = 0; i < newest.size(); i++) {
      JobView each = newest.get(newest.size() - 1 - i);
      int height = 4 + (int) (14 * each.seconds() / Math.max(1, longest));
      bars.add(new Bar(i * 8, height, each.isFailure(), each.look().style()));
    }
    return bars;
  }

  /** The same in words. */
  static String barsText(List<JobView> jobs) {
    List<String> words = new ArrayList<>();
    for (JobView each : jobs.subList(0, Math.min(BARS, jobs.size()))) {
      words.add(each.look().word() + each.duration().map(d -> " " + d).orElse(""));
    }
    return "Newest first: " + String.join(", ", words);
  }

  private long seconds() {
    return job.started()
        .map(start -> Duration.between(start, job.finished().orElse(now)).toSeconds())
        .orElse(0L);
  }
}
