package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * When the jobs of a pipeline waited for what they read, queued and ran, since it was last idle.
 * Immutable.
 *
 * @param rows a row for each job, in the order in which they were made; jobs of earlier times,
 *     whose results were used again, come last
 * @param begin when the first of these jobs was made
 * @param end when the last one ended; now, if one has not
 */
record Timeline(List<Row> rows, Instant begin, Instant end) {
  /** For this long nothing may go on in the middle of it: results are recorded and published. */
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

  /** How many units of length it has. */
  static final int WIDTH = 1000;

  private static final int BAR_MIN = 3;

  Timeline {
    rows = List.copyOf(rows);
  }

  /**
   * One job.
   *
   * @param cached whether it ran before the time that is shown
   * @param critical whether the whole would have been over earlier if this job had been
   */
  record Row(Diagram.Node node, JobSummary job, boolean cached, boolean critical) {
    String label() {
      return NodeView.label(node);
    }

    String address() {
      return PipelineView.jobAddress(job.id());
    }

    boolean isAdvice() {
      return job.advisory() && StateLook.isBad(job.state());
    }
  }

  /** A part of a bar. */
  record Bar(long x, long width) {}

  static Timeline of(Diagram diagram, Function<JobId, Optional<JobSummary>> jobs, Instant now) {
    Map<JobId, Row> all = new LinkedHashMap<>();
    for (Diagram.Node node : diagram.nodes()) {
      node.job()
          .filter(id -> !all.containsKey(id))
          .flatMap(jobs)
          .ifPresent(job -> all.put(job.id(), new Row(node, job, false, false)));
    }
    List<Row> rows =
        all.values().stream()
            .sorted(
                Comparator.comparing((Row row) -> row.job.created())
                    .thenComparing(row -> row.job.id()))
            .toList();
    Instant begin = begin(rows, now);
    Set<JobId> current = new HashSet<>();
    rows.stream()
        .filter(row -> !row.job.created().isBefore(begin))
        .forEach(row -> current.add(row.job.id()));
    Set<JobId> critical = new Path(diagram, all, current, now).find();
    Instant end = begin;
    List<Row> shown = new ArrayList<>();
    List<Row> cached = new ArrayList<>();
    for (Row row : rows) {
      boolean isCurrent = current.contains(row.job.id());
      Row marked = new Row(row.node, row.job, !isCurrent, critical.contains(row.job.id()));
      (isCurrent ? shown : cached).add(marked);
      end = isCurrent && endOf(row.job, now).isAfter(end) ? endOf(row.job, now) : end;
    }
    shown.addAll(cached);
    return new Timeline(shown, begin, end);
  }

  private static Instant endOf(JobSummary job, Instant now) {
    return job.finished().orElse(now);
  }

  /** When it was last idle: the jobs after that overlap, or follow each other closely. */
  private static Instant begin(List<Row> rows, Instant now) {
    Instant begin = now;
    Optional<Instant> busyUntil = Optional.empty();
    for (Row row : rows) {
      Instant created = row.job.created();
      if (busyUntil.filter(until -> !created.isAfter(until.plus(PAUSE_MAX))).isEmpty()) {
        begin = created;
      }
      Instant end = endOf(row.job, now);
      busyUntil = Optional.of(busyUntil.filter(until -> until.isAfter(end)).orElse(end));
    }
    return begin;
  }

  /** The jobs that the last one to end waited for, one after another. */
  private record Path(Diagram diagram, Map<JobId, Row> rows, Set<JobId> current, Instant now) {
    private Set<JobId> find() {
      Map<Integer, List<Integer>> before = new HashMap<>();
      diagram
          .edges()
          .forEach(
              edge -> before.computeIfAbsent(edge.to(), _ -> new ArrayList<>()).add(edge.from()));
      Map<Integer, Row> byNode = new HashMap<>();
      for (Diagram.Node node : diagram.nodes()) {
        node.job()
            .filter(current::contains)
            .map(rows::get)
            .ifPresent(row -> byNode.put(node.id(), row));
      }
      Set<JobId> path = new HashSet<>();
      Optional<Map.Entry<Integer, Row>> at = latest(byNode.entrySet().stream().toList());
      while (at.isPresent() && path.add(at.get().getValue().job.id())) {
        at = latest(nearestBefore(at.get().getKey(), before, byNode));
      }
      return path;
    }

    private Optional<Map.Entry<Integer, Row>> latest(List<Map.Entry<Integer, Row>> rows) {
      return rows.stream()
          .max(
              Comparator.comparing(
                      (Map.Entry<Integer, Row> entry) -> endOf(entry.getValue().job, now))
                  .thenComparing(Map.Entry::getKey));
    }

    /** The jobs before a node, looked for through gates and other nodes that have none. */
    private static List<Map.Entry<Integer, Row>> nearestBefore(
        int node, Map<Integer, List<Integer>> before, Map<Integer, Row> byNode) {
      List<Map.Entry<Integer, Row>> found = new ArrayList<>();
      Set<Integer> seen = new HashSet<>();
      Deque<Integer> open = new ArrayDeque<>(before.getOrDefault(node, List.of()));
      while (!open.isEmpty()) {
        int next = open.pop();
        if (seen.add(next)) {
          Row row = byNode.get(next);
          if (row != null) {
            found.add(Map.entry(next, row));
          } else {
            open.addAll(before.getOrDefault(next, List.of()));
          }
        }
      }
      return found;
    }
  }

  private long at(Instant when) {
    long all = Math.max(1, Duration.between(begin, end).toMillis());
    return Math.clamp(Duration.between(begin, when).toMillis() * WIDTH / all, 0, WIDTH);
  }

  /** From the beginning until it could be made, because all that it reads was there. */
  Optional<Bar> waiting(Row row) {
    long width = at(row.job.created());
    return row.cached || width == 0 ? Optional.empty() : Optional.of(new Bar(0, width));
  }

  /** From then until it began: for an approval, or a place in a pool. */
  Optional<Bar> queueing(Row row) {
    long from = at(row.job.created());
    long width = at(row.job.started().orElse(endOf(row.job, end))) - from;
    return row.cached || width <= 0 ? Optional.empty() : Optional.of(new Bar(from, width));
  }

  /** From then until it ended. */
  Optional<Bar> running(Row row) {
    if (row.cached || row.job.started().isEmpty()) {
      return Optional.empty();
    }
    long from = Math.min(at(row.job.started().get()), WIDTH - BAR_MIN);
    long width = at(endOf(row.job, end)) - from;
    return Optional.of(new Bar(from, Math.max(BAR_MIN, width)));
  }

  /** The same in words. */
  String words(Row row) {
    if (row.cached) {
      return "cached";
    }
    List<String> words = new ArrayList<>();
    words.add("waited " + Times.duration(Duration.between(begin, row.job.created())));
    words.add("queued " + queued(row));
    ran(row).ifPresent(time -> words.add("ran " + time));
    return String.join(", ", words);
  }

  String queued(Row row) {
    Instant until = row.job.started().orElse(endOf(row.job, end));
    return Times.duration(Duration.between(row.job.created(), until));
  }

  Optional<String> ran(Row row) {
    return row.job
        .started()
        .map(from -> Times.duration(Duration.between(from, endOf(row.job, end))));
  }

  /** How long all of it took, so far. */
  String length() {
    return Times.duration(Duration.between(begin, end));
  }

  boolean isOver() {
    return rows.stream().allMatch(row -> row.job.finished().isPresent());
  }
}
