package dev.millrace.engine.core;

import dev.millrace.incremental.Graph;
import dev.millrace.incremental.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of operations that are wanted now. Belongs to the evaluation thread, but for {@link
 * #isLive} and {@link #canRebuild}.
 */
final class Cache {
  private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

  private final Evaluation evaluation;
  private final Recorder recorder;
  private final Jobs jobs;
  private final EngineMetrics metrics;
  private final Map<Address, Instance<?, ?, ?>> instances = new LinkedHashMap<>();
  private final Set<Instance<?, ?, ?>> touched = new LinkedHashSet<>();
  private final Map<JobId, Instance<?, ?, ?>> byJob = new LinkedHashMap<>();
  private final IdentityHashMap<Instance<?, ?, ?>, Address> addresses = new IdentityHashMap<>();
  private int loading;
  private int active;

  /** What other threads may know: for each job that shows on a live key, if it can be rebuilt. */
  private final Map<JobId, Boolean> shown = new ConcurrentHashMap<>();

  private final IdentityHashMap<Instance<?, ?, ?>, JobId> shownBy = new IdentityHashMap<>();
  private final Map<JobId, Instance<?, ?, ?>> showing = new LinkedHashMap<>();

  /** Names a key for ever. */
  record Address(String operation, String keyDigest) {}

  Cache(Evaluation evaluation, Recorder recorder, Jobs jobs, EngineMetrics metrics) {
    this.evaluation = evaluation;
    this.recorder = recorder;
    this.jobs = jobs;
    this.metrics = metrics;
  }

  // What stages call, in the middle of a round.

  /** Says that the stage which is evaluated now wants this, until it is evaluated again. */
  <K, V, O> Value<View<O>> want(Want<K, V, O> want) {
    metrics.evaluated();
    Address address = new Address(want.traits().id(), want.keyDigest());
    // An operation id stands for one class of keys, values and outcomes.
    @SuppressWarnings("unchecked")
    Instance<K, V, O> instance = (Instance<K, V, O>) instances.get(address);
    if (instance == null) {
      instance = new Instance<>(this, want, address.keyDigest);
      instances.put(address, instance);
      addresses.put(instance, address);
      metrics.instances(address.operation, 1);
    }
    Object who = new Object();
    instance.want(who, want);
    touched.add(instance);
    Instance<K, V, O> wanted = instance;
    evaluation
        .graph()
        .onRelease(
            () -> {
              wanted.unwant(who);
              touched.add(wanted);
            });
    return evaluation.graph().map(instance.input(), view -> view.wantedFor(want), Blueprint::equal);
  }

  // The end of a round.

  boolean isLoading() {
    return loading > 0;
  }

  boolean hasWork() {
    return !touched.isEmpty();
  }

  /** Whether a job is at work or about to be. */
  boolean isBusy() {
    return loading > 0 || active > 0 || !touched.isEmpty();
  }

  void reconcile() {
    List<Instance<?, ?, ?>> due = new ArrayList<>(touched);
    touched.clear();
    due.forEach(Instance::reconcile);
  }

  // What instances call.

  Graph graph() {
    return evaluation.graph();
  }

  /** The round that is evaluated now. */
  long round() {
    return evaluation.evaluatedRound();
  }

  /** What time it is, for what is due at a time. */
  Instant now() {
    return evaluation.now();
  }

  /** What is due at a time may be due sooner than its timer says. */
  void clockLeapt() {
    instances.values().forEach(Instance::forgetTimers);
    touched.addAll(instances.values());
  }

  boolean isClosing() {
    return evaluation.isClosing();
  }

  /** Whether nothing is to be run at all. */
  boolean isPlanning() {
    return evaluation.isPlanning();
  }

  /** What would become of all that is wanted, for an engine that only plans. */
  List<RunPlan.Work> planned() {
    return instances.values().stream().flatMap(instance -> instance.planned().stream()).toList();
  }

  boolean isDroppable(Job job) {
    return jobs.isDroppable(job);
  }

  <O> void load(Instance<?, ?, O> instance, Want<?, ?, O> want) {
    loading++;
    Loaded<O> result = new Loaded<>();
    Operation<?, ?, O> operation = want.operation();
    Address address = new Address(want.traits().id(), want.keyDigest());
    recorder.submitLoad(
        address,
        (store, writer) -> {
          result.known = Optional.of(store.load(writer, address));
          result.outcome = result.known.get().result().flatMap(record -> decode(operation, record));
        },
        () ->
            evaluation.post(
                () -> {
                  loading--;
                  instance.loaded(result.known.orElseThrow(), result.outcome);
                  touched.add(instance);
                }));
  }

  /** Filled by the recorder, read by the evaluation thread once it is. */
  private static final class Loaded<O> {
    private Optional<JobStore.Known> known = Optional.empty();
    private Optional<Outcome<O>> outcome = Optional.empty();
  }

  // The boundary to the operation's code: what cannot be read any more is done again.
  @SuppressWarnings("CatchingUnchecked")
  private static <O> Optional<Outcome<O>> decode(Operation<?, ?, O> operation, JobRecord record) {
    if (record.rebuild()) {
      return Optional.empty();
    }
    String message = record.message().orElse("");
    return switch (record.state()) {
      case PASSED -> {
        try {
          yield Optional.of(Outcome.ok(operation.decode(record.outcome().orElse(""))));
        } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError e) {
          LOG.warn(
              "The outcome of job {} cannot be read any more, so its work is done again",
              record.id(),
              e);
          yield Optional.empty();
        }
      }
      case FAILED -> Optional.of(Outcome.failed(message));
      case ERROR ->
          Optional.of(new Outcome.Failed<>(message, Outcome.Kind.ERROR, Optional.empty()));
      case CANCELLED ->
          Optional.of(new Outcome.Failed<>(message, Outcome.Kind.CANCELLED, Optional.empty()));
      case SKIPPED -> Optional.of(Outcome.skipped(message));
      case OPEN, INTERRUPTED, DROPPED -> Optional.empty();
    };
  }

  <K, V, O> Job startJob(
      Instance<K, V, O> instance,
      Want<K, V, O> want,
      long build,
      Pool.Priority priority,
      JobReason reason) {
    active++;
    Job job = jobs.start(instance, want, build, priority, reason);
    byJob.put(job.id(), instance);
    return job;
  }

  /** A job has ended, and what came of it is on the disk. */
  <O> void ended(Instance<?, ?, O> instance, Job job, Instance.Ending<O> ending) {
    active--;
    byJob.remove(job.id());
    instance.ended(job, ending);
    touched.add(instance);
  }

  void jobChanged(Job job) {
    Instance<?, ?, ?> instance = byJob.get(job.id());
    if (instance != null) {
      instance.jobChanged();
    }
  }

  void markForRebuild(Instance<?, ?, ?> instance) {
    Address address = addresses.get(instance);
    if (address != null) {
      recorder.submitMark(address, () -> {});
    }
  }

  void wakeAt(Instant when, Instance<?, ?, ?> instance) {
    // The timer knows only the name: what is not wanted any more can be forgotten before it is due.
    Address address = addresses.get(instance);
    Duration pause = Duration.between(now(), when);
    evaluation.after(
        pause, () -> Optional.ofNullable(instances.get(address)).ifPresent(touched::add));
  }

  void forget(Instance<?, ?, ?> instance) {
    Address address = addresses.remove(instance);
    if (address != null) {
      instances.remove(address);
      metrics.instances(address.operation, -1);
    }
    JobId job = shownBy.remove(instance);
    if (job != null) {
      shown.remove(job);
      showing.remove(job);
    }
  }

  /** Keeps what other threads see. */
  void shown(Instance<?, ?, ?> instance) {
    Optional<JobId> job = instance.latestJob();
    JobId before = shownBy.get(instance);
    if (before != null && !Optional.of(before).equals(job)) {
      shown.remove(before);
      showing.remove(before);
    }
    if (job.isPresent()) {
      showing.put(job.get(), instance);
      shownBy.put(instance, job.get());
      shown.put(job.get(), instance.canRebuild());
    }
  }

  // What others ask for.

  /** Has the work behind a job done again; the job to look at, or empty if no stage shows it. */
  Optional<JobId> rebuild(JobId job, String who) {
    return Optional.<Instance<?, ?, ?>>ofNullable(showing.get(job))
        .filter(Instance::isWanted)
        .flatMap(instance -> instance.rebuild(who));
  }

  /** Has the result of a key forgotten, in memory now and in the records soon. */
  void invalidate(String operation, String keyDigest, Runnable recorded) {
    Address address = new Address(operation, keyDigest);
    recorder.submitMark(address, recorded);
    Instance<?, ?, ?> instance = instances.get(address);
    if (instance != null) {
      instance.invalidate();
    }
  }

  /** Whether a stage of the pipeline shows this job. Any thread. */
  boolean isLive(JobId job) {
    return shown.containsKey(job);
  }

  /** Whether the work of this job can be done again now. Any thread. */
  boolean canRebuild(JobId job) {
    return shown.getOrDefault(job, false);
  }
}
