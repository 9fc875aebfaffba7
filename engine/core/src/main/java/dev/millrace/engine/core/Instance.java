package dev.millrace.engine.core;

import static java.util.Objects.requireNonNull;

import dev.millrace.engine.core.Shape.RunView;
import dev.millrace.incremental.Input;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One key of an operation while something wants it: what is wanted, how its job stands, what is
 * known. Belongs to the evaluation thread.
 *
 * <p>Stages only say what they want while a round is evaluated; what to do about it ({@link
 * #reconcile}) is decided at the end of the round, when everything that is wanted is known. So the
 * order in which stages are evaluated does not matter, a stage that replaces another in one round
 * keeps its job, and stages that disagree are told so.
 *
 * <pre>
 *            loaded: nothing usable               start
 *   Loading ───────────────────────────▶ Retry ───────────▶ Active
 *      │      rebuild, expiry, new value ▲   ▲  dropped        │
 *      │ loaded: a result                │   └─────────────────┤ ended
 *      └───────────────────────────▶ Finished ◀────────────────┘
 * </pre>
 */
final class Instance<K, V, O> {
  private static final Logger LOG = LoggerFactory.getLogger(Instance.class);

  private static final String SET_BACK = "the clock had been set back";

  private final Cache cache;
  private final String keyDigest;
  private final Input<View<O>> input;
  private final Map<Object, Want<K, V, O>> wants = new LinkedHashMap<>();
  private Phase<O> phase = new Loading<>();
  private long nextBuild;
  private Optional<JobId> latestJob = Optional.empty();
  private Optional<String> conflict = Optional.empty();
  private Optional<Instant> wakeUp = Optional.empty();
  private Optional<Instant> wakeUpToRetry = Optional.empty();

  /** How often this value has been tried again since it last did not need to be. */
  private int retries;

  /** Whether the result is older than it seems: nobody knows how old. */
  private boolean ageUnknown;

  /** Why the next job is to be run. */
  private Trigger trigger = new Trigger(JobReason.Kind.FIRST, "");

  /** The value that is wanted, and what changed in the round in which it came to be. */
  private Optional<String> explained = Optional.empty();

  private List<JobReason.Cause> changes = List.of();

  private record Trigger(JobReason.Kind kind, String detail) {}

  private sealed interface Phase<O> {}

  private record Loading<O>() implements Phase<O> {}

  /**
   * To be started; {@code latched} is still shown.
   *
   * @param late a failure that came when its value was not wanted any more: not shown, but the
   *     result after all if that value is wanted again before anything begins
   */
  private record Retry<O>(Optional<Outcome<O>> latched, Optional<Finished<O>> late)
      implements Phase<O> {
    Retry(Optional<Outcome<O>> latched) {
      this(latched, Optional.empty());
    }
  }

  /**
   * A job is at work.
   *
   * @param dropped whether its result is not wanted any more
   */
  private record Active<O>(
      Job job, String valueDigest, Optional<Outcome<O>> latched, boolean dropped)
      implements Phase<O> {}

  /**
   * There is a result, for this value, since {@code ended}.
   *
   * @param round when it came to be in this process; 0 if before
   * @param retry when it is tried again, if it is a failure that may pass
   */
  private record Finished<O>(
      Outcome<O> outcome, String valueDigest, Instant ended, long round, Optional<Instant> retry)
      implements Phase<O> {}

  Instance(Cache cache, Want<K, V, O> first, String keyDigest) {
    this.cache = cache;
    this.keyDigest = keyDigest;
    this.input = cache.graph().input(view(), Blueprint::equal);
    cache.load(this, first);
  }

  String keyDigest() {
    return keyDigest;
  }

  Input<View<O>> input() {
    return input;
  }

  void want(Object who, Want<K, V, O> want) {
    // The latest want decides which operation object and key object are used.
    wants.remove(who);
    wants.put(who, want);
  }

  void unwant(Object who) {
    wants.remove(who);
  }

  boolean isActive() {
    return phase instanceof Active;
  }

  boolean isWanted() {
    return !wants.isEmpty();
  }

  /** The records have been read. */
  void loaded(JobStore.Known known, Optional<Outcome<O>> decoded) {
    nextBuild = known.nextBuild();
    phase = new Retry<>(Optional.empty());
    if (known.result().isPresent() && decoded.isPresent()) {
      JobRecord record = known.result().get();
      latestJob = Optional.of(record.id());
      phase =
          new Finished<>(
              decoded.get(),
              record.value(),
              endOf(record.finished().orElse(record.created())),
              0,
              Optional.empty());
    } else {
      trigger = triggerOf(known);
    }
    show();
  }

  /** The end of an earlier job; now, where it lies in the future: the clock has been set back. */
  private Instant endOf(Instant ended) {
    Instant now = cache.now();
    ageUnknown = ended.isAfter(now);
    return ageUnknown ? now : ended;
  }

  /** Why the work is to be done although something is known of the key. */
  private static Trigger triggerOf(JobStore.Known known) {
    if (known.result().isPresent()) {
      JobRecord last = known.result().get();
      if (last.rebuild() && last.state() == JobRecord.State.ERROR) {
        return new Trigger(JobReason.Kind.RETRY, last.message().orElse(""));
      }
      return last.rebuild()
          ? new Trigger(JobReason.Kind.INVALIDATED, "")
          : new Trigger(JobReason.Kind.UNREADABLE, "");
    }
    return new Trigger(
        known.nextBuild() == 0 ? JobReason.Kind.FIRST : JobReason.Kind.CUT_SHORT, "");
  }

  /** Decides what to do about what is wanted now. */
  void reconcile() {
    if (phase instanceof Loading) {
      return;
    }
    if (wants.isEmpty()) {
      abandon();
      return;
    }
    List<String> values = wants.values().stream().map(Want::valueDigest).distinct().toList();
    Want<K, V, O> want = latestWant();
    conflict = values.size() > 1 ? Optional.of(describeConflict(want, values)) : Optional.empty();
    if (conflict.isPresent()) {
      // What runs goes on; nothing new is begun until the stages agree.
      show();
      return;
    }
    explain(want);
    phase = considerValue(want);
    phase = considerRetry();
    phase = considerExpiry();
    act(want);
    show();
  }

  private Want<K, V, O> latestWant() {
    Want<K, V, O> latest = null;
    for (Want<K, V, O> want : wants.values()) {
      latest = want;
    }
    return requireNonNull(latest);
  }

  private void abandon() {
    switch (phase) {
      case Loading<O> _, Retry<O> _, Finished<O> _ -> cache.forget(this);
      case Active<O> active -> {
        // Nobody is left to say which operation it is: the job knows whether it may be dropped.
        if (cache.isDroppable(active.job)) {
          drop(active, "Cancelled: nothing needs it any more");
        }
      }
    }
  }

  private void drop(Active<O> active, String reason) {
    if (!active.dropped
        && active.job.cancel(new Cancellation(Cancellation.Cause.UNWANTED, reason))) {
      phase = new Active<>(active.job, active.valueDigest, active.latched, true);
    }
  }

  private Phase<O> considerValue(Want<K, V, O> want) {
    if (phase instanceof Retry<O> retry
        && retry.late.isPresent()
        && retry.late.get().valueDigest.equals(want.valueDigest())) {
      return retry.late.get();
    }
    if (phase instanceof Finished<O> finished && !finished.valueDigest.equals(want.valueDigest())) {
      retries = 0;
      boolean latch = want.traits().latched();
      trigger = new Trigger(JobReason.Kind.VALUE, finished.valueDigest);
      return new Retry<>(latch ? Optional.of(finished.outcome) : Optional.empty());
    }
    return phase;
  }

  private Phase<O> considerRetry() {
    if (phase instanceof Finished<O> finished && finished.retry.isPresent()) {
      Instant due = finished.retry.get();
      if (!cache.now().isBefore(due)) {
        trigger =
            new Trigger(JobReason.Kind.RETRY, finished.outcome.explanation().orElse("unknown"));
        retries++;
        return new Retry<>(Optional.of(finished.outcome));
      }
      if (!finished.retry.equals(wakeUpToRetry)) {
        wakeUpToRetry = finished.retry;
        cache.wakeAt(due, this);
      }
    }
    return phase;
  }

  private Phase<O> considerExpiry() {
    Optional<Instant> expiry = expiry();
    if (expiry.isPresent() && phase instanceof Finished<O> finished) {
      if (!cache.now().isBefore(expiry.get())) {
        trigger =
            new Trigger(
                JobReason.Kind.EXPIRED,
                Durations.describe(Duration.between(finished.ended, expiry.get()))
                    + (ageUnknown ? ", counted from when Millrace started: " + SET_BACK : ""));
        return new Retry<>(Optional.of(finished.outcome));
      }
      if (!expiry.equals(wakeUp)) {
        wakeUp = expiry;
        cache.wakeAt(expiry.get(), this);
      }
    }
    return phase;
  }

  private Optional<Instant> expiry() {
    if (!(phase instanceof Finished<O> finished)) {
      return Optional.empty();
    }
    Optional<Duration> shortest =
        wants.values().stream()
            .flatMap(want -> want.schedule().validFor().stream())
            .min(Comparator.naturalOrder());
    return shortest.map(finished.ended::plus);
  }

  private void act(Want<K, V, O> want) {
    switch (phase) {
      case Loading<O> _, Finished<O> _ -> {}
      case Retry<O> retry -> start(want, retry.latched);
      case Active<O> active -> {
        if (want.traits().autoCancel() && !active.valueDigest.equals(want.valueDigest())) {
          drop(active, "Cancelled: another value is wanted now");
        }
      }
    }
  }

  private void start(Want<K, V, O> want, Optional<Outcome<O>> latched) {
    if (cache.isClosing() || cache.isPlanning()) {
      return;
    }
    Job job =
        cache.startJob(
            this,
            want,
            nextBuild++,
            latched.isEmpty() ? Pool.Priority.HIGH : Pool.Priority.LOW,
            reason());
    latestJob = Optional.of(job.id());
    phase = new Active<>(job, want.valueDigest(), latched, false);
  }

  private JobReason reason() {
    List<JobReason.Cause> causes =
        switch (trigger.kind) {
          case FIRST, VALUE -> changes;
          case EXPIRED, REBUILD, INVALIDATED, UNREADABLE, CUT_SHORT, RETRY -> List.of();
        };
    return new JobReason(trigger.kind, trigger.detail, causes);
  }

  /** Remembers how it came that this value is wanted, as long as that can be seen. */
  private void explain(Want<K, V, O> want) {
    if (explained.equals(Optional.of(want.valueDigest()))) {
      return;
    }
    explained = Optional.of(want.valueDigest());
    // What is wanted for the first time as the pipeline is made is so because it is there.
    boolean made = trigger.kind == JobReason.Kind.FIRST && cache.round() == Evaluation.FIRST_ROUND;
    changes =
        made ? List.of() : Trail.causes(want.origin().sources(), want.origin().changedAfter());
  }

  /** What becomes of it, or for an engine that only plans would, if it were to begin now. */
  Optional<RunPlan.Work> planned() {
    if (wants.isEmpty() || conflict.isPresent()) {
      return Optional.empty();
    }
    Want<K, V, O> want = latestWant();
    RunPlan.Fate fate =
        switch (phase) {
          case Loading<O> _, Retry<O> _, Active<O> _ -> RunPlan.Fate.RUNS;
          case Finished<O> finished ->
              switch (finished.outcome) {
                case Outcome.Ok<O> _ -> RunPlan.Fate.CACHED;
                case Outcome.Failed<O> _ -> RunPlan.Fate.FAILS;
                case Outcome.Skipped<O> _ -> RunPlan.Fate.SKIPPED;
                case Outcome.Active<O> _ ->
                    throw new IllegalStateException("A job cannot end as active");
              };
        };
    return Optional.of(
        new RunPlan.Work(
            want.traits().id(),
            keyDigest,
            want.description(),
            fate,
            Optional.empty(),
            fate == RunPlan.Fate.RUNS ? plannedReason() : Optional.empty()));
  }

  private Optional<JobReason> plannedReason() {
    return switch (phase) {
      case Active<O> active -> active.job.record().reason();
      case Loading<O> _, Retry<O> _, Finished<O> _ -> Optional.of(reason());
    };
  }

  /** What came of a job. */
  sealed interface Ending<O> {
    /** A result, which is recorded. */
    record Result<O>(Outcome<O> outcome) implements Ending<O> {}

    /** A failure that may pass, which is recorded as one that does not count after a restart. */
    record Unavailable<O>(Outcome<O> outcome) implements Ending<O> {}

    /** Nothing that counts; the records of the key are marked for that. */
    record Dropped<O>() implements Ending<O> {}

    /** The engine closes: the next one finds what was known before. */
    record Interrupted<O>() implements Ending<O> {}
  }

  /** A job has ended and what came of it is on the disk. */
  void ended(Job job, Ending<O> ending) {
    if (!(phase instanceof Active<O> active) || !active.job.equals(job)) {
      LOG.error("Job {} ended, but is not the one at work on its key", job.id());
      return;
    }
    trigger = new Trigger(JobReason.Kind.CUT_SHORT, "");
    ageUnknown = false;
    phase =
        switch (ending) {
          case Ending.Dropped<O> _, Ending.Interrupted<O> _ -> {
            if (!wants.isEmpty() && !latestWant().valueDigest().equals(active.valueDigest)) {
              trigger = new Trigger(JobReason.Kind.VALUE, active.valueDigest);
            }
            yield new Retry<>(active.latched);
          }
          case Ending.Result<O>(Outcome<O> outcome) -> {
            retries = 0;
            yield finished(active, outcome, Optional.empty());
          }
          case Ending.Unavailable<O>(Outcome<O> outcome) ->
              finished(active, outcome, Retries.pauseAfter(retries, keyDigest));
        };
    show();
  }

  private Phase<O> finished(Active<O> active, Outcome<O> outcome, Optional<Duration> pause) {
    Instant when = cache.now();
    trigger = new Trigger(JobReason.Kind.VALUE, active.valueDigest);
    Finished<O> finished =
        new Finished<>(outcome, active.valueDigest, when, cache.round() + 1, pause.map(when::plus));
    if (!outcome.isOk()
        && (wants.isEmpty() || !latestWant().valueDigest().equals(active.valueDigest))) {
      retries = 0;
      return new Retry<>(Optional.empty(), Optional.of(finished));
    }
    return finished;
  }

  /** Whether {@link #rebuild} would do something. */
  boolean canRebuild() {
    return isWanted() && (phase instanceof Finished || phase instanceof Retry);
  }

  Optional<JobId> latestJob() {
    return latestJob;
  }

  /** Has the work done again; returns the job to look at. */
  Optional<JobId> rebuild(String who) {
    if (canRebuild()) {
      cache.markForRebuild(this);
      trigger = new Trigger(JobReason.Kind.REBUILD, who);
      retries = 0;
      phase = new Retry<>(Optional.empty());
      reconcile();
    }
    return latestJob;
  }

  /** Forgets the result, so that the work is done again. */
  void invalidate() {
    if (phase instanceof Finished || phase instanceof Retry) {
      trigger = new Trigger(JobReason.Kind.INVALIDATED, "");
      phase = new Retry<>(Optional.empty());
      reconcile();
    }
  }

  /** Has what is due at a time looked at anew. */
  void forgetTimers() {
    wakeUp = Optional.empty();
    wakeUpToRetry = Optional.empty();
  }

  /** The job has entered another phase. */
  void jobChanged() {
    show();
  }

  private void show() {
    input.set(view());
    cache.shown(this);
  }

  private static String describeConflict(Want<?, ?, ?> want, List<String> values) {
    return "Conflict: stages of this pipeline want different values for one key of %s (%s): %s"
        .formatted(want.traits().id(), want.description(), String.join(", ", values));
  }

  private View<O> view() {
    if (conflict.isPresent()) {
      return new View<>(
          new Outcome.Failed<>(conflict.get(), Outcome.Kind.ERROR, Optional.empty()),
          new RunView(latestJob, Optional.empty()));
    }
    return switch (phase) {
      case Loading<O> _ ->
          new View<>(Outcome.active(Activity.READY), new RunView(latestJob, Optional.empty()));
      case Retry<O> retry ->
          new View<>(
              retry.latched.orElse(Outcome.active(Activity.READY)),
              new RunView(latestJob, retry.latched.map(_ -> StageState.QUEUED)));
      case Active<O> active -> {
        Activity activity = active.job.phase().activity();
        yield new View<>(
            active.latched.orElse(Outcome.active(activity)),
            new RunView(
                latestJob, active.latched.map(_ -> activity.state()), active.job.waitsFor()));
      }
      case Finished<O> finished ->
          new View<>(
              finished.outcome,
              new RunView(latestJob, finished.retry.map(_ -> StageState.QUEUED)),
              Optional.of(finished.valueDigest),
              finished.round);
    };
  }
}
