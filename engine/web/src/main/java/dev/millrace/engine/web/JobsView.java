package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobQuery.Order;
import dev.millrace.engine.core.JobQuery.Period;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
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

  static JobsView of(EngineControl engine, Parameters asked, Instant now) {
    Parameters parameters = withoutBlanks(asked);
    JobQuery query = query(parameters);
    List<JobView> jobs =
        engine.listJobs(query).stream().map(job -> new JobView(job, false, now)).toList();
    Map<StageState, Integer> counts = engine.countJobsByState(query);
    int total =
        counts.entrySet().stream()
            .filter(e -> query.states().isEmpty() || query.states().contains(e.getKey()))
            .mapToInt(Map.Entry::getValue)
            .sum();
    return new JobsView(query, parameters, jobs, total, counts, engine.listOperations(), 0);
  }

  /** Without script a form sends the fields too that nobody has filled in. */
  private static Parameters withoutBlanks(Parameters parameters) {
    Parameters kept = parameters;
    for (String name : List.of("q", "op", "from", "to")) {
      if (kept.all(name).stream().allMatch(String::isBlank)) {
        kept = kept.without(name);
      }
    }
    return kept;
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
    String text = LabelText.visible(parameters.first("q").orElse(""));
    return new JobQuery(
        text.length() > PipelineFilter.TEXT_MAX ? text.substring(0, PipelineFilter.TEXT_MAX) : text,
        states,
        parameters.first("op").filter(op -> !op.isBlank()),
        period(parameters),
        SortColumn.order(parameters.first("sort").orElse("")),
        (page - 1) * PAGE,
        PAGE);
  }

  /** From the beginning of one day to the end of another, in UTC. */
  private static Period period(Parameters parameters) {
    return new Period(
        day(parameters, "from").map(JobsView::begin),
        day(parameters, "to").map(last -> begin(last.plusDays(1))));
  }

  private static Optional<LocalDate> day(Parameters parameters, String name) {
    try {
      return parameters.first(name).filter(text -> !text.isBlank()).map(LocalDate::parse);
    } catch (DateTimeParseException e) {
      throw PageException.badRequest(
          "The days must be given as in 2026-03-04, but one is \"%s\"."
              .formatted(LabelText.shorten(parameters.first(name).orElse(""), 40)));
    }
  }

  private static Instant begin(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
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

  /** A day of the filter as it was given; empty if it was not. */
  String day(String name) {
    return address.first(name).orElse("");
  }

  int count(StageState state) {
    return counts.getOrDefault(state, 0);
  }

  boolean filtered() {
    return !query.text().isBlank()
        || !query.states().isEmpty()
        || query.operation().isPresent()
        || !query.created().equals(Period.ALL);
  }

  /** The filter, order and page, for the form that acts on selected jobs. */
  String filter() {
    return address.query().replaceFirst("^\\?", "");
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
