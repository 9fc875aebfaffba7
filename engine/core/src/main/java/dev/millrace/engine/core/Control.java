package dev.millrace.engine.core;

import dev.millrace.engine.core.ActionRecord.What;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** The operator's side of an engine. Thread-safe. */
final class Control implements EngineControl {
  private static final Duration STUCK_AFTER = Duration.ofSeconds(60);
  private static final Duration RECORDED_MAX = Duration.ofSeconds(30);
  private final Evaluation evaluation;
  private final Cache cache;
  private final Jobs jobs;
  private final JobStore store;
  private final Recorder recorder;
  private final StateDirectory directory;
  private final Approvals approvals;
  private final LogRules logRules;
  private final SignIns signIns;
  private final Diagrams diagrams;

  Control(
      Evaluation evaluation,
      Cache cache,
      Jobs jobs,
      JobStore store,
      Recorder recorder,
      StateDirectory directory,
      Approvals approvals,
      LogRules logRules,
      SignIns signIns) {
    this.evaluation = evaluation;
    this.cache = cache;
    this.jobs = jobs;
    this.store = store;
    this.recorder = recorder;
    this.directory = directory;
    this.approvals = approvals;
    this.logRules = new NotedLogRules(logRules);
    this.signIns = new NotedSignIns(signIns);
    this.diagrams =
        new Diagrams(evaluation::round, () -> evaluation.ask(evaluation::sketch, false));
  }

  @Override
  public Overview overview() {
    return evaluation.overview();
  }

  @Override
  public Overview awaitChange(long round, Duration timeout) throws InterruptedException {
    return evaluation.awaitChange(round, timeout);
  }

  @Override
  public Diagram diagram(Set<String> unfolded, Set<String> folded) {
    return diagrams.draw(unfolded, folded);
  }

  @Override
  public Diagram wholeDiagram() {
    return diagrams.drawOpen();
  }

  @Override
  public String outline() {
    return evaluation.ask(evaluation::outline, false);
  }

  @Override
  public RunPlan plan() {
    RunPlan plan = evaluation.ask(() -> new RunPlan(cache.planned(), evaluation.unknown()), false);
    return new RunPlan(plan.works().stream().map(this::withTime).toList(), plan.unknown());
  }

  private RunPlan.Work withTime(RunPlan.Work work) {
    if (work.fate() != RunPlan.Fate.RUNS) {
      return work;
    }
    return new RunPlan.Work(
        work.operation(),
        work.key(),
        work.description(),
        work.fate(),
        store.timeTaken(work.operation(), work.key()),
        work.why());
  }

  @Override
  public Optional<JobSummary> findJob(JobId id) {
    // The open jobs first: a job that ends in between is found in the records then.
    return jobs.find(id).map(this::summarize).or(() -> store.find(id).map(this::summarize));
  }

  private JobSummary summarize(Job job) {
    JobRecord record = job.record();
    Job.Phase phase = job.phase();
    boolean ending = phase == Job.Phase.ENDED;
    return new JobSummary(
        job.id(),
        record.operation(),
        record.description(),
        record.key(),
        record.build(),
        phase.activity().state(),
        job.cancellation().map(Cancellation::reason).or(job::waitsFor),
        record.created(),
        job.started(),
        Optional.empty(),
        cache.isLive(job.id()),
        !ending && !job.isCancelled(),
        false,
        phase == Job.Phase.WAITING_FOR_APPROVAL && !job.isApproved(),
        record.advisory());
  }

  private JobSummary summarize(JobRecord record) {
    return new JobSummary(
        record.id(),
        record.operation(),
        record.description(),
        record.key(),
        record.build(),
        record.state().shown(),
        record.message(),
        record.created(),
        record.started(),
        record.finished(),
        cache.isLive(record.id()),
        false,
        cache.canRebuild(record.id()),
        false,
        record.advisory());
  }

  @Override
  public List<JobSummary> listJobs(JobQuery query) {
    int wanted = query.offset() + query.limit();
    Map<JobId, JobSummary> found = new LinkedHashMap<>();
    openJobs(query).forEach(job -> found.put(job.id(), job));
    store.list(query, wanted).forEach(record -> found.put(record.id(), summarize(record)));
    return found.values().stream()
        .sorted(query.comparator())
        .skip(query.offset())
        .limit(query.limit())
        .toList();
  }

  private List<JobSummary> openJobs(JobQuery query) {
    List<String> words = JobSearch.words(query);
    return jobs.list().stream()
        .map(this::summarize)
        .filter(job -> query.states().isEmpty() || query.states().contains(job.state()))
        .filter(job -> query.operation().map(job.operation()::equals).orElse(true))
        .filter(job -> query.created().contains(job.created()))
        .filter(_ -> !query.outdated().orElse(false))
        .filter(job -> words.stream().allMatch(word -> mentions(job, word)))
        .toList();
  }

  private static boolean mentions(JobSummary job, String word) {
    return List.of(job.description(), job.operation(), job.message().orElse("")).stream()
        .anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(word));
  }

  @Override
  public int countJobs(JobQuery query) {
    return openJobs(query).size() + store.count(query);
  }

  @Override
  public Map<StageState, Integer> countJobsByState(JobQuery query) {
    JobQuery all = query.withStates(Set.of());
    Map<StageState, Integer> counts = new EnumMap<>(StageState.class);
    openJobs(all).forEach(job -> counts.merge(job.state(), 1, Integer::sum));
    store.countByState(all).forEach((state, n) -> counts.merge(state.shown(), n, Integer::sum));
    return counts;
  }

  @Override
  public List<JobSummary> listHistory(JobId id, int limit) {
    return findJob(id).map(job -> historyOf(job.operation(), job.key(), limit)).orElse(List.of());
  }

  @Override
  public Optional<JobSummary> findNewestJob(String operation, String key) {
    return historyOf(operation, key, 1).stream().findFirst();
  }

  private List<JobSummary> historyOf(String operation, String key, int limit) {
    Map<JobId, JobSummary> found = new LinkedHashMap<>();
    jobs.list().stream()
        .map(this::summarize)
        .filter(job -> job.operation().equals(operation) && job.key().equals(key))
        .forEach(job -> found.put(job.id(), job));
    for (JobRecord record : store.history(operation, key, limit)) {
      if (record.state() != JobRecord.State.OPEN) {
        found.put(record.id(), summarize(record));
      }
    }
    return found.values().stream()
        .sorted(Comparator.comparingLong(JobSummary::build).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public List<String> listOperations() {
    return store.operations();
  }

  @Override
  public Optional<JobReason> findReason(JobId id) {
    return jobs.find(id).map(Job::record).or(() -> store.find(id)).flatMap(JobRecord::reason);
  }

  @Override
  public Optional<JobLog> findLog(JobId id) {
    Optional<JobLog> open = jobs.find(id).map(Job::logFile);
    return open.or(
            () ->
                Optional.of(directory.logOf(id))
                    .filter(Files::isRegularFile)
                    .map(EndedLog.InFile::new))
        .or(() -> store.findLog(id).map(EndedLog.InRecords::new));
  }

  @Override
  public ActionResult cancel(JobId id, String who) {
    return noted(What.CANCEL, id.value(), who, () -> cancelNow(id, who));
  }

  /**
   * Does something in somebody's name, and has it recorded, whether or not it could be done. What
   * is accepted is on the disk, so that the next engine knows of it; a full disk is not waited for.
   */
  private ActionResult noted(What what, String target, String who, Supplier<ActionResult> action) {
    ActionResult result = action.get();
    CountDownLatch recorded = new CountDownLatch(1);
    switch (result) {
      case ActionResult.Refused(String reason) ->
          note(what, target, who, Optional.of(reason), () -> {});
      case ActionResult.Accepted _ -> {
        note(what, target, who, Optional.empty(), recorded::countDown);
        await(recorded);
      }
    }
    return result;
  }

  private void await(CountDownLatch recorded) {
    try {
      recorder.awaitUnlessFull(recorded, Deadline.in(RECORDED_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("Interrupted while an action was recorded", e);
    }
  }

  /** Returns when the outcome of the key is forgotten, on the disk too. */
  void invalidate(String operation, String keyDigest) {
    Optional<String> problem = recorder.trouble();
    if (problem.isPresent()) {
      throw new EngineException(
          "An outcome cannot be declared void now: %s".formatted(problem.get()));
    }
    CountDownLatch recorded = new CountDownLatch(1);
    evaluation.ask(
        () -> {
          cache.invalidate(operation, keyDigest, recorded::countDown);
          return Done.DONE;
        },
        true);
    await(recorded);
  }

  private void note(
      What what, String target, String who, Optional<String> refusal, Runnable recorded) {
    ActionRecord action =
        new ActionRecord(evaluation.clock().instant(), who, what, target, refusal);
    recorder.submit((jobStore, writer) -> jobStore.insert(writer, action), recorded);
  }

  @Override
  public List<ActionRecord> listActions(int limit) {
    return store.actions(limit);
  }

  private ActionResult cancelNow(JobId id, String who) {
    Optional<Job> job = jobs.find(id);
    if (job.isEmpty()) {
      return notOpen(id);
    }
    Cancellation why = new Cancellation(Cancellation.Cause.PERSON, Engine.cancelledBy(who));
    return job.get().cancel(why)
        ? new ActionResult.Accepted(id)
        : new ActionResult.Refused("Job %s is being stopped already, or has ended".formatted(id));
  }

  private ActionResult notOpen(JobId id) {
    return new ActionResult.Refused(
        store.find(id).isPresent()
            ? "Job %s has ended".formatted(id)
            : "There is no job %s".formatted(id));
  }

  @Override
  public ActionResult rebuild(JobId id, String who) {
    return noted(What.REBUILD, id.value(), who, () -> rebuildNow(id, who));
  }

  private ActionResult rebuildNow(JobId id, String who) {
    return evaluation
        .ask(() -> cache.rebuild(id, who), true)
        .<ActionResult>map(ActionResult.Accepted::new)
        .orElseGet(
            () ->
                new ActionResult.Refused(
                    "Nothing in the pipeline shows job %s any more: only the newest job of a stage can be run again"
                        .formatted(id)));
  }

  @Override
  public ActionResult approve(JobId id, String who) {
    return noted(What.APPROVE, id.value(), who, () -> approveNow(id, who));
  }

  private ActionResult approveNow(JobId id, String who) {
    Optional<Job> job = jobs.find(id);
    if (job.isEmpty()) {
      return notOpen(id);
    }
    return job.get().approve(who)
        ? new ActionResult.Accepted(id)
        : new ActionResult.Refused("Job %s does not wait for approval".formatted(id));
  }

  @Override
  public Optional<Level> confirmThreshold() {
    return approvals.threshold();
  }

  @Override
  public void setConfirmThreshold(Optional<Level> level, String who) {
    approvals.setThreshold(level);
    note(
        What.SET_CONFIRM,
        level.map(Level::toString).orElse("none"),
        who,
        Optional.empty(),
        () -> {});
  }

  @Override
  public LogRules logRules() {
    return logRules;
  }

  /** The rules, with each change of one recorded. */
  private final class NotedLogRules implements LogRules {
    private final LogRules rules;

    private NotedLogRules(LogRules rules) {
      this.rules = rules;
    }

    @Override
    public List<LogRule> list() {
      return rules.list();
    }

    @Override
    public void put(List<LogRule> added, String who) throws InterruptedException {
      rules.put(added, who);
      added.forEach(
          rule -> note(What.STORE_LOG_RULE, rule.pattern(), who, Optional.empty(), () -> {}));
    }

    @Override
    public boolean remove(String pattern, String who) throws InterruptedException {
      boolean removed = rules.remove(pattern, who);
      if (removed) {
        note(What.REMOVE_LOG_RULE, pattern, who, Optional.empty(), () -> {});
      }
      return removed;
    }
  }

  @Override
  public SignIns signIns() {
    return signIns;
  }

  /** Who is signed in, with it recorded who ends other people's sessions. */
  private final class NotedSignIns implements SignIns {
    private final SignIns kept;

    private NotedSignIns(SignIns kept) {
      this.kept = kept;
    }

    @Override
    public void put(SignIn signIn, Instant now) throws InterruptedException {
      kept.put(signIn, now);
    }

    @Override
    public Optional<SignIn> find(String digest) {
      return kept.find(digest);
    }

    @Override
    public void remove(String digest) throws InterruptedException {
      kept.remove(digest);
    }

    @Override
    public List<SignIn> list(Instant now) {
      return kept.list(now);
    }

    @Override
    public void removeAll(String userId, String who) throws InterruptedException {
      kept.removeAll(userId, who);
      note(What.END_SESSIONS, userId, who, Optional.empty(), () -> {});
    }
  }

  @Override
  public Health health() {
    return evaluation
        .trouble(STUCK_AFTER)
        .<Health>map(Health.Bad::new)
        .or(() -> recorder.trouble().or(jobs::trouble).map(Health.Impaired::new))
        .orElseGet(Health.Good::new);
  }
}
