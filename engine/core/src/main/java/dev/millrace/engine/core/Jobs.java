package dev.millrace.engine.core;

import dev.millrace.base.FullDisk;
import dev.millrace.engine.core.Instance.Ending;
import dev.millrace.engine.core.JobRecord.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that are not over, and the virtual threads that they run on, which it owns. Thread-safe;
 * never blocks its caller but in {@link #join}.
 */
final class Jobs {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final DateTimeFormatter PATH =
      DateTimeFormatter.ofPattern("yyyy-MM-dd/HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9_+-]");
  private static final int LABEL_MAX = 80;
  private static final long RETRY_SECONDS = 2;
  private static final long SETTLE_SECONDS = 1;

  /** Odd, so that multiplying by it visits every number of 24 bits: ids do not look alike. */
  private static final int SCATTER = 0x9E3779;

  private final StateDirectory directory;
  private final Recorder recorder;
  private final Job.Environment environment;
  private final StoredLogRules logRules;
  private final Ended ended;
  private final Fatal fatal;
  private final Map<JobId, Open> open = new ConcurrentHashMap<>();
  private final AtomicInteger sequence;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread settling =
      Thread.ofVirtual().name("millrace-logs").unstarted(this::settleLogs);
  private final AtomicReference<Optional<String>> trouble = new AtomicReference<>(Optional.empty());

  private record Open(Job job, Thread thread, boolean autoCancel, Optional<Duration> timeLimit) {}

  /** Told, on the recorder's thread, what came of a job once it is on the disk. */
  interface Ended {
    /** Takes the news. */
    <O> void accept(Instance<?, ?, O> instance, Job job, Ending<O> ending);
  }

  /** Told, on any thread, that nothing can be trusted any more that is written. */
  @FunctionalInterface
  interface Fatal {
    /** Takes the news. */
    void accept(String what, Throwable cause);
  }

  Jobs(
      StateDirectory directory,
      Recorder recorder,
      Job.Environment environment,
      StoredLogRules logRules,
      Ended ended,
      Fatal fatal) {
    this.directory = directory;
    this.recorder = recorder;
    this.environment = environment;
    this.logRules = logRules;
    this.ended = ended;
    this.fatal = fatal;
    // Need not be random, only unlike that of an engine that ran in the same second.
    this.sequence =
        new AtomicInteger(Long.hashCode(System.nanoTime() * 31 + ProcessHandle.current().pid()));
  }

  /** Begins to make files of the logs of jobs that have run for a moment. */
  void start() {
    settling.start();
  }

  private void settleLogs() {
    try {
      while (!closing.await(SETTLE_SECONDS, TimeUnit.SECONDS)) {
        // One that waits has done nothing yet: ten thousand of them need no files.
        open.values().stream()
            .filter(entry -> entry.job.phase() == Job.Phase.RUNNING)
            .forEach(entry -> entry.job.logFile().settle());
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but at the end of the process.
      Thread.currentThread().interrupt();
    }
  }

  private InstantSource clock() {
    return environment.clock();
  }

  /** Makes a job and starts its thread. */
  <K, V, O> Job start(
      Instance<K, V, O> instance,
      Want<K, V, O> want,
      long build,
      Pool.Priority priority,
      JobReason reason) {
    Instant now = clock().instant();
    JobId id = newId(want.traits().id(), now);
    JobRecord record =
        new JobRecord(
            id,
            want.traits().id(),
            instance.keyDigest(),
            want.valueDigest(),
            want.description(),
            build,
            State.OPEN,
            Optional.empty(),
            Optional.empty(),
            false,
            now,
            Optional.empty(),
            Optional.empty(),
            Optional.of(reason),
            want.advisory());
    Job job =
        new Job(
            record,
            new LogFile(directory.logOf(id), environment.logSizeMax()),
            priority,
            environment);
    Thread thread = Thread.ofVirtual().name("job " + id).unstarted(() -> live(instance, want, job));
    open.put(id, new Open(job, thread, want.traits().autoCancel(), want.traits().timeLimit()));
    thread.start();
    return job;
  }

  private JobId newId(String label, Instant now) {
    String safe = UNSAFE.matcher(label).replaceAll("-");
    int number = (sequence.getAndIncrement() * SCATTER) & 0xFFFFFF;
    return new JobId(
        PATH.format(now)
            + "-"
            + safe.substring(0, Math.min(LABEL_MAX, safe.length()))
            + "-"
            + HexFormat.of().toHexDigits(number, 6));
  }

  private <K, V, O> void live(Instance<K, V, O> instance, Want<K, V, O> want, Job job) {
    Result<O> result = covered(work(want, job), job.logFile());
    Optional<Cancellation> cancellation = job.decide();
    job.release();
    JobRecord record = conclude(job, result, cancellation);
    Optional<byte[]> log;
    try {
      log = closeLog(job, record.state());
    } catch (UnsyncedException e) {
      // Its outcome is not recorded: the next engine finds it cut short.
      fatal.accept("The log of " + describe(job, e), e);
      return;
    }
    Ending<O> ending = endingOf(record, result);
    recorder.submit(
        (store, writer) -> {
          store.update(writer, record);
          log.ifPresent(content -> store.insertLog(writer, record.id(), content));
          // Neither is to be used by the next engine, which tries again.
          if (record.state() == State.DROPPED || mayPass(record, result)) {
            store.markForRebuild(writer, new Cache.Address(record.operation(), record.key()));
          }
        },
        () -> {
          open.remove(job.id());
          ended.accept(instance, job, ending);
        });
  }

  /** Whether it failed in a way that may pass, and nobody stopped it. */
  private static boolean mayPass(JobRecord record, Result<?> result) {
    return result.unavailable && record.state() == State.ERROR;
  }

  private static <O> Ending<O> endingOf(JobRecord record, Result<O> result) {
    return switch (record.state()) {
      case PASSED, FAILED, ERROR, CANCELLED, SKIPPED ->
          mayPass(record, result)
              ? new Ending.Unavailable<>(outcomeOf(record, result))
              : new Ending.Result<>(outcomeOf(record, result));
      case DROPPED -> new Ending.Dropped<>();
      case INTERRUPTED -> new Ending.Interrupted<>();
      case OPEN -> throw new IllegalStateException("Job %s has no end".formatted(record.id()));
    };
  }

  /**
   * Closes the log; returns it if it is to be stored with the record. So it is when it is short,
   * unless its job has failed or was cancelled: whoever looks into that finds a file.
   */
  private Optional<byte[]> closeLog(Job job, State state) throws UnsyncedException {
    Optional<byte[]> log =
        switch (state) {
          case PASSED, SKIPPED, INTERRUPTED, DROPPED -> job.logFile().closeShort();
          case FAILED, ERROR, CANCELLED, OPEN -> Optional.empty();
        };
    if (log.isEmpty()) {
      closeFile(job);
    }
    return log;
  }

  /**
   * Has the log on the disk before its job is said to have ended. While the disk is full it waits:
   * the outcome could not be recorded either. A log that cannot be written costs itself, not the
   * outcome.
   */
  private void closeFile(Job job) throws UnsyncedException {
    Optional<IOException> failure = tryClose(job.logFile());
    while (failure.isPresent() && FullDisk.isCauseOf(failure.get()) && !closesSoon()) {
      trouble.set(Optional.of(FullDisk.message(directory.root())));
      failure = tryClose(job.logFile());
    }
    trouble.set(failure.map(e -> "The log of " + describe(job, e)));
    if (failure.isPresent()) {
      LOG.error("The log of job {} is not whole", job.id(), failure.get());
      job.logFile().abandon();
    }
  }

  private static Optional<IOException> tryClose(LogFile log) throws UnsyncedException {
    try {
      log.close();
      return Optional.empty();
    } catch (UnsyncedException e) {
      log.abandon();
      throw e;
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private String describe(Job job, IOException failure) {
    return "job %s in \"%s\" cannot be written: %s"
        .formatted(job.id(), directory.root(), Traces.headline(failure));
  }

  /** Waits a moment before something is tried again; whether the engine, or this job, ends. */
  private boolean closesSoon() {
    try {
      return closing.await(RETRY_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** What keeps logs from being written, if anything does. */
  Optional<String> trouble() {
    return trouble
        .get()
        .or(
            () ->
                open.values().stream()
                    .flatMap(entry -> entry.job.logFile().freshGap().stream())
                    .findFirst()
                    .map(
                        problem ->
                            FullDisk.isCauseOf(problem)
                                ? FullDisk.message(directory.root())
                                : "A log in \"%s\" cannot be written: %s"
                                    .formatted(directory.root(), Traces.rootMessage(problem))));
  }

  /**
   * What the work itself came to.
   *
   * @param encoded the outcome as text, if it passed
   * @param unavailable whether it failed in a way that may pass
   */
  private record Result<O>(Outcome<O> outcome, Optional<String> encoded, boolean unavailable) {
    Result(Outcome<O> outcome, Optional<String> encoded) {
      this(outcome, encoded, false);
    }
  }

  /** The same without the secrets of the job in what is shown of it. */
  private static <O> Result<O> covered(Result<O> result, LogFile log) {
    Outcome<O> outcome =
        switch (result.outcome) {
          case Outcome.Ok<O> ok -> ok;
          case Outcome.Active<O> active -> active;
          case Outcome.Failed<O>(String message, Outcome.Kind kind, Optional<String> trace) ->
              new Outcome.Failed<>(log.cover(message), kind, trace.map(log::cover));
          case Outcome.Skipped<O>(String reason) -> new Outcome.Skipped<>(log.cover(reason));
        };
    return new Result<>(outcome, result.encoded, result.unavailable);
  }

  // The boundary to the operation's code: whatever it throws is what came of this job.
  @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
  private <K, V, O> Result<O> work(Want<K, V, O> want, Job job) {
    try {
      begin(job);
      O outcome = want.operation().run(job, want.key(), want.value());
      if (job.started().isEmpty()) {
        throw new IllegalStateException(
            "Operation %s came to an end without calling Job.start".formatted(want.traits().id()));
      }
      return new Result<>(Outcome.ok(outcome), Optional.of(want.operation().encode(outcome)));
    } catch (JobFailedException e) {
      return new Result<>(
          Outcome.failed(Optional.ofNullable(e.getMessage()).orElse("Failed")), Optional.empty());
    } catch (JobUnavailableException e) {
      String message = Optional.ofNullable(e.getMessage()).orElse("Not available");
      return new Result<>(
          new Outcome.Failed<>(message, Outcome.Kind.ERROR, Optional.empty()),
          Optional.empty(),
          true);
    } catch (JobSkippedException e) {
      return new Result<>(
          Outcome.skipped(Optional.ofNullable(e.getMessage()).orElse("Skipped")), Optional.empty());
    } catch (Exception | Error e) {
      return new Result<>(Outcome.error(e), Optional.empty());
    }
  }

  /**
   * Opens the log, and waits until the job is on record: what has run is known after a crash, and
   * nothing new runs while the disk is full.
   */
  private void begin(Job job) throws InterruptedException {
    CountDownLatch recorded = new CountDownLatch(1);
    recorder.submit((store, writer) -> store.insert(writer, job.record()), recorded::countDown);
    job.attach();
    job.logFile().open();
    recorder.await(recorded);
    job.log("New job: " + job.description());
    job.record().reason().ifPresent(reason -> job.log("Why: " + reason.sentence()));
  }

  /** Decides what is recorded, and says it in the log, last. */
  private <O> JobRecord conclude(Job job, Result<O> result, Optional<Cancellation> cancellation) {
    State state =
        cancellation.map(why -> stateOf(why.cause())).orElseGet(() -> State.of(result.outcome));
    Optional<String> message =
        cancellation.map(Cancellation::reason).or(result.outcome::explanation);
    if (cancellation.isEmpty() && result.outcome instanceof Outcome.Failed<O> failed) {
      failed.trace().ifPresent(trace -> trace.lines().forEach(job::log));
      message = logRules.explain(job, failed.message()).or(result.outcome::explanation);
    }
    job.log(
        switch (state) {
          case PASSED -> "Job succeeded";
          case SKIPPED -> "Job skipped: " + message.orElse("");
          case FAILED, ERROR, CANCELLED, INTERRUPTED, DROPPED, OPEN ->
              cancellation.isPresent()
                  ? "Job cancelled: " + message.orElse("")
                  : "Job failed: " + message.orElse("");
        });
    return job.record()
        .ended(
            state,
            message,
            state == State.PASSED ? result.encoded : Optional.empty(),
            job.started(),
            clock().instant());
  }

  private static State stateOf(Cancellation.Cause cause) {
    return switch (cause) {
      case PERSON -> State.CANCELLED;
      case TIME_LIMIT -> State.FAILED;
      case UNWANTED -> State.DROPPED;
      case CLOSING -> State.INTERRUPTED;
    };
  }

  private static <O> Outcome<O> outcomeOf(JobRecord record, Result<O> result) {
    String message = record.message().orElse("");
    return switch (record.state()) {
      case CANCELLED -> new Outcome.Failed<>(message, Outcome.Kind.CANCELLED, Optional.empty());
      case FAILED ->
          result.outcome instanceof Outcome.Failed<O> failed
                  && failed.kind() == Outcome.Kind.WORK
                  && failed.message().equals(message)
              ? failed
              : Outcome.failed(message);
      case ERROR ->
          result.outcome instanceof Outcome.Failed<O> failed
              ? new Outcome.Failed<>(message, Outcome.Kind.ERROR, failed.trace())
              : result.outcome;
      case PASSED, SKIPPED -> result.outcome;
      case OPEN, INTERRUPTED, DROPPED ->
          throw new IllegalStateException("Not a result: " + record.state());
    };
  }

  /** The job, if it is not over. */
  Optional<Job> find(JobId id) {
    return Optional.ofNullable(open.get(id)).map(Open::job);
  }

  /** Every job that is not over, in no order. */
  Collection<Job> list() {
    return open.values().stream().map(Open::job).toList();
  }

  int count() {
    return open.size();
  }

  /** Whether the job may be stopped when nothing wants it. */
  boolean isDroppable(Job job) {
    Open entry = open.get(job.id());
    return entry != null && entry.autoCancel;
  }

  Optional<Duration> timeLimit(Job job) {
    return Optional.ofNullable(open.get(job.id())).flatMap(Open::timeLimit);
  }

  /** Has all jobs stop. */
  void cancelAll() {
    Cancellation why =
        new Cancellation(Cancellation.Cause.CLOSING, "Stopped: Millrace is shutting down");
    closing.countDown();
    open.values().forEach(entry -> entry.job.cancel(why));
  }

  /** Waits for the threads of all jobs; says whether they ended by the deadline. */
  boolean join(Deadline deadline) {
    boolean all = settling.getState() == Thread.State.NEW || deadline.join(settling);
    for (Open entry : List.copyOf(open.values())) {
      if (!deadline.join(entry.thread)) {
        LOG.error("Job {} does not stop: it is left behind", entry.job.id());
        all = false;
      }
    }
    return all;
  }
}
