package dev.millrace.engine.web;

import java.util.List;
import java.util.Optional;

/**
 * What a job's page shows besides the log itself. Immutable.
 *
 * @param why why it was run
 * @param stage the address of the stage that shows it, if one does
 * @param excerpt the lines around the first error of a failed job
 * @param find what the log is searched for, without script
 */
record JobPageView(
    JobView job,
    Optional<WhyView> why,
    Optional<String> stage,
    LogMap map,
    List<JobView> history,
    List<ExcerptLine> excerpt,
    Optional<String> find,
    List<LogSearch.Hit> hits) {
  JobPageView {
    history = List.copyOf(history);
    excerpt = List.copyOf(excerpt);
    hits = List.copyOf(hits);
  }

  /** A rendered line of the log; {@code hot} is the error itself. */
  record ExcerptLine(String html, boolean hot) {}

  Optional<String> errorLine() {
    return job.isFailure() ? map.errorLine().map(String::valueOf) : Optional.empty();
  }

  /** The build before this one. */
  Optional<JobView> previous() {
    return history.stream().filter(other -> other.job().build() < job.job().build()).findFirst();
  }
}
