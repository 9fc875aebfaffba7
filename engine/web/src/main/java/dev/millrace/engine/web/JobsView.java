package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobQuery.Order;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One page of the list of jobs. Immutable. */
record JobsView(
    JobQuery query,
    Parameters address,
    List<JobView> jobs,
    int total,
    Map<StageState, Integer> counts,
    List<String> operations,
    int newer) {
  static final int PAGE = 50;
  private static final int PAGES_MAX = 20_000;

  static JobsView of(EngineControl engine, Parameters parameters, Instant now) {
    JobQuery query = query(parameters);
    List<JobView> jobs =
        engine.listJobs(query).stream().map(job -> new JobView(job, false, now)).toList();
    Map<StageState, Integer> counts = new EnumMap<>(StageState.class);
    for (StageState state : StageState.values()) {
      counts.put(
          state,
          engine.countJobs(new JobQuery(query.text(), Set.of(state), query.operation(), 0, 1)));
    }
    return new JobsView(
        query, parameters, jobs, engine.countJobs(query), counts, engine.listOperations(), 0);
  }

  private static JobQuery query(Parameters parameters) {
    Set<StageState> states = new LinkedHashSet<>();
    for (String name : parameters.all("state")) {
      for (StageState state : StageState.values()) {
        if (StateLook.of(state).name().equals(name)) {
          states.add(state);
        }
      }
    }
    int page = page(parameters);
    String text = parameters.first("q").orElse("");
    return new JobQuery(
        text.length() > 200 ? text.substring(0, 200) : text,
        states,
        parameters.first("op").filter(op -> !op.isBlank()),
        SortColumn.order(parameters.first("sort").orElse("")),
        (page - 1) * PAGE,
        PAGE);
  }

  private static int page(Parameters parameters) {
    try {
      return Math.clamp(Integer.parseInt(parameters.first("page").orElse("1")), 1, PAGES_MAX);
    } catch (NumberFormatException e) {
      throw PageException.badRequest("The page must be a number.");
    }
  }

  /** The same page, when so many jobs were added above it. */
  JobsView withNewer(int count) {
    return new JobsView(query, address, jobs, total, counts, operations, count);
  }

  JobsView withJobs(List<JobSummary> newest, Instant now) {
    return new JobsView(
        query,
        address,
        newest.stream().map(job -> new JobView(job, false, now)).toList(),
        total,
        counts,
        operations,
        newer);
  }

  /** The heads of the table's columns, from which the order is chosen. */
  List<SortColumn> columns() {
    return SortColumn.all(query.order(), address.without("page"));
  }

  /**
   * What the order is called in the address, for the form that filters; empty for the usual one.
   */
  Optional<String> sort() {
    return address.first("sort").filter(name -> SortColumn.order(name) != Order.NEWEST);
  }

  int count(StageState state) {
    return counts.getOrDefault(state, 0);
  }

  boolean filtered() {
    return !query.text().isBlank() || !query.states().isEmpty() || query.operation().isPresent();
  }

  String summary() {
    String jobsWord = total == 1 ? "1 job" : "%,d jobs".formatted(total);
    if (total <= PAGE) {
      return jobsWord;
    }
    return "%s, %,d–%,d shown"
        .formatted(jobsWord, query.offset() + 1, query.offset() + jobs.size());
  }

  Optional<String> previous() {
    return query.offset() == 0 ? Optional.empty() : Optional.of(pageAddress(-1));
  }

  Optional<String> next() {
    return query.offset() + jobs.size() >= total || jobs.isEmpty()
        ? Optional.empty()
        : Optional.of(pageAddress(1));
  }

  private String pageAddress(int step) {
    int page = query.offset() / PAGE + 1 + step;
    return "/jobs"
        + (page == 1 ? address.without("page") : address.with("page", Integer.toString(page)))
            .query();
  }
}
