package dev.millrace.engine.web;

import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobReason;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An engine whose pipeline, jobs and logs are what the test says. Every change publishes a round.
 * Thread-safe.
 *
 * <p>Its diagram is given fully unfolded; folding puts the nodes of a group into one.
 */
final class ScriptedEngine implements EngineControl {
  private final Map<JobId, JobSummary> jobs = new LinkedHashMap<>();
  private final Map<JobId, JobLog> logs = new LinkedHashMap<>();
  private final List<String> actions = new ArrayList<>();
  private Diagram full = new Diagram(List.of(), List.of(), List.of());
  private final Set<String> foldedAtFirst = new HashSet<>();
  private long round = 1;
  private StageState result = StageState.RUNNING;
  private boolean settled;
  private Optional<Level> threshold = Optional.empty();
  private Health health = new Health.Good();
  private final Map<JobId, JobReason> reasons = new LinkedHashMap<>();
  private List<ActionRecord> records = List.of();
  private RunPlan plan = new RunPlan(List.of(), List.of());
  private final InMemoryLogRules logRules = new InMemoryLogRules();
  private final InMemorySignIns signIns = new InMemorySignIns();

  synchronized void publish() {
    round++;
    notifyAll();
  }

  synchronized void setResult(StageState state, boolean isSettled) {
    result = state;
    settled = isSettled;
    publish();
  }

  synchronized void setDiagram(Diagram diagram) {
    full = diagram;
    publish();
  }

  synchronized void foldAtFirst(String key) {
    foldedAtFirst.add(key);
  }

  synchronized void setState(int node, StageState state, Optional<String> message) {
    full =
        new Diagram(
            full.nodes().stream()
                .map(
                    n ->
                        n.id() == node
                            ? new Diagram.Node(
                                n.id(),
                                n.kind(),
                                n.label(),
                                state,
                                n.rebuilding(),
                                n.job(),
                                message,
                                n.group(),
                                n.since(),
                                n.advisory())
                            : n)
                .toList(),
            full.edges(),
            full.groups());
    publish();
  }

  synchronized ScriptedLog addJob(JobSummary job, ScriptedLog log) {
    jobs.put(job.id(), job);
    logs.put(job.id(), log);
    publish();
    return log;
  }

  /** Another log for a job that is there. */
  synchronized void setLog(JobId job, JobLog log) {
    logs.put(job, log);
  }

  synchronized void updateJob(JobSummary job) {
    jobs.put(job.id(), job);
    publish();
  }

  synchronized void setReason(JobId job, JobReason reason) {
    reasons.put(job, reason);
  }

  /** What was done, the newest first. */
  synchronized void setActions(List<ActionRecord> done) {
    records = List.copyOf(done);
  }

  synchronized void setPlan(RunPlan now) {
    plan = now;
    publish();
  }

  synchronized void setHealth(Health now) {
    health = now;
  }

  /** What was asked for: verb, job, who. */
  synchronized List<String> actions() {
    return List.copyOf(actions);
  }

  @Override
  public synchronized Overview overview() {
    Map<StageState, Integer> counts = new EnumMap<>(StageState.class);
    full.nodes().forEach(node -> counts.merge(node.state(), 1, Integer::sum));
    return new Overview(round, result, Optional.empty(), new StageCounts(counts), settled);
  }

  @Override
  public synchronized Overview awaitChange(long known, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (round <= known) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return overview();
  }

  @Override
  public synchronized Diagram diagram(Set<String> unfolded, Set<String> folded) {
    Set<String> closed = new HashSet<>(foldedAtFirst);
    closed.removeAll(unfolded);
    closed.addAll(folded);
    Map<Integer, Integer> shown = new LinkedHashMap<>();
    List<Diagram.Node> nodes = new ArrayList<>();
    Map<String, Integer> foldedNodes = new LinkedHashMap<>();
    for (Diagram.Node node : full.nodes()) {
      Optional<String> outer = node.group().flatMap(key -> outermostClosed(key, closed));
      if (outer.isEmpty()) {
        shown.put(node.id(), node.id());
        nodes.add(node);
      } else {
        String key = outer.get();
        int id = foldedNodes.computeIfAbsent(key, k -> 1_000_000 + groupIndex(k));
        if (shown.values().stream().noneMatch(v -> v == id)) {
          nodes.add(foldedNode(id, key));
        }
        shown.put(node.id(), id);
      }
    }
    Set<Diagram.Edge> edges = new java.util.LinkedHashSet<>();
    for (Diagram.Edge edge : full.edges()) {
      int from = shown.getOrDefault(edge.from(), -1);
      int to = shown.getOrDefault(edge.to(), -1);
      if (from != to) {
        edges.add(new Diagram.Edge(from, to, edge.control()));
      }
    }
    List<Diagram.Group> groups =
        full.groups().stream()
            .filter(g -> g.parent().flatMap(p -> outermostClosed(p, closed)).isEmpty())
            .map(
                g ->
                    new Diagram.Group(
                        g.key(), g.label(), g.parent(), closed.contains(g.key()), counts(g.key())))
            .toList();
    return new Diagram(nodes, List.copyOf(edges), groups);
  }

  @Override
  public synchronized Diagram wholeDiagram() {
    return new Diagram(
        full.nodes(),
        full.edges(),
        full.groups().stream()
            .map(g -> new Diagram.Group(g.key(), g.label(), g.parent(), false, counts(g.key())))
            .toList());
  }

  @Override
  public synchronized String outline() {
    return String.join(" >>= ", full.nodes().stream().map(Diagram.Node::label).toList());
  }

  @Override
  public synchronized RunPlan plan() {
    return plan;
  }

  @Override
  public synchronized Optional<JobReason> findReason(JobId id) {
    return Optional.ofNullable(reasons.get(id));
  }

  @Override
  public synchronized List<ActionRecord> listActions(int limit) {
    return records.stream().limit(limit).toList();
  }

  private Diagram.Node foldedNode(int id, String key) {
    Diagram.Group group = full.groups().get(groupIndex(key));
    StageCounts counts = counts(key);
    StageState state =
        StateLook.BY_WEIGHT.stream()
            .filter(s -> counts.of(s) > 0)
            .findFirst()
            .orElse(StageState.BLOCKED);
    return new Diagram.Node(
        id,
        Diagram.Kind.FOLDED,
        group.label(),
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(key),
        Optional.empty(),
        false);
  }

  private int groupIndex(String key) {
    for (int i = 0; i < full.groups().size(); i++) {
      if (full.groups().get(i).key().equals(key)) {
        return i;
      }
    }
    throw new IllegalArgumentException("There is no group " + key);
  }

  private Optional<String> outermostClosed(String key, Set<String> closed) {
    Optional<String> found = Optional.empty();
    Optional<String> at = Optional.of(key);
    while (at.isPresent()) {
      if (closed.contains(at.get())) {
        found = at;
      }
      at = full.groups().get(groupIndex(at.get())).parent();
    }
    return found;
  }

  private StageCounts counts(String key) {
    Map<StageState, Integer> counts = new EnumMap<>(StageState.class);
    for (Diagram.Node node : full.nodes()) {
      Optional<String> at = node.group();
      while (at.isPresent()) {
        if (at.get().equals(key)) {
          counts.merge(node.state(), 1, Integer::sum);
        }
        at = full.groups().get(groupIndex(at.get())).parent();
      }
    }
    return new StageCounts(counts);
  }

  @Override
  public synchronized Optional<JobSummary> findJob(JobId id) {
    return Optional.ofNullable(jobs.get(id));
  }

  private Stream<JobSummary> matching(JobQuery query) {
    String text = query.text().toLowerCase(Locale.ROOT);
    return jobs.values().stream()
        .filter(job -> query.states().isEmpty() || query.states().contains(job.state()))
        .filter(job -> query.created().contains(job.created()))
        .filter(job -> query.operation().filter(op -> !op.equals(job.operation())).isEmpty())
        .filter(
            job ->
                (job.description() + " " + job.operation() + " " + job.message().orElse(""))
                    .toLowerCase(Locale.ROOT)
                    .contains(text))
        .sorted(query.comparator());
  }

  @Override
  public synchronized List<JobSummary> listJobs(JobQuery query) {
    return matching(query).skip(query.offset()).limit(query.limit()).toList();
  }

  @Override
  public synchronized int countJobs(JobQuery query) {
    return (int) matching(query).count();
  }

  @Override
  public synchronized Map<StageState, Integer> countJobsByState(JobQuery query) {
    return matching(query.withStates(Set.of()))
        .collect(Collectors.groupingBy(JobSummary::state, Collectors.summingInt(_ -> 1)));
  }

  @Override
  public synchronized List<JobSummary> listHistory(JobId id, int limit) {
    JobSummary job = jobs.get(id);
    return job == null ? List.of() : history(job.operation(), job.key()).limit(limit).toList();
  }

  @Override
  public synchronized Optional<JobSummary> findNewestJob(String operation, String key) {
    return history(operation, key).findFirst();
  }

  private Stream<JobSummary> history(String operation, String key) {
    return jobs.values().stream()
        .filter(job -> job.operation().equals(operation) && job.key().equals(key))
        .sorted(Comparator.comparingLong(JobSummary::build).reversed());
  }

  @Override
  public synchronized List<String> listOperations() {
    return jobs.values().stream().map(JobSummary::operation).distinct().sorted().toList();
  }

  @Override
  public synchronized Optional<JobLog> findLog(JobId id) {
    return Optional.ofNullable(logs.get(id));
  }

  @Override
  public ActionResult cancel(JobId id, String who) {
    return act("cancel", id, who, JobSummary::canCancel);
  }

  @Override
  public ActionResult rebuild(JobId id, String who) {
    return act("rebuild", id, who, JobSummary::canRebuild);
  }

  @Override
  public ActionResult approve(JobId id, String who) {
    return act("approve", id, who, JobSummary::canApprove);
  }

  private synchronized ActionResult act(
      String verb, JobId id, String who, java.util.function.Predicate<JobSummary> may) {
    JobSummary job = jobs.get(id);
    if (job == null || !may.test(job)) {
      return new ActionResult.Refused("Job " + id + " cannot be asked to " + verb + " now.");
    }
    actions.add(verb + " " + id + " " + who);
    return new ActionResult.Accepted(id);
  }

  @Override
  public synchronized Optional<Level> confirmThreshold() {
    return threshold;
  }

  @Override
  public synchronized void setConfirmThreshold(Optional<Level> level, String who) {
    threshold = level;
    actions.add("threshold " + level.map(Level::toString).orElse("none") + " " + who);
  }

  @Override
  public InMemoryLogRules logRules() {
    return logRules;
  }

  @Override
  public InMemorySignIns signIns() {
    return signIns;
  }

  @Override
  public synchronized Health health() {
    return health;
  }
}
