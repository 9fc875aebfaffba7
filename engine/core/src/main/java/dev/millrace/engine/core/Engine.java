package dev.millrace.engine.core;

import dev.millrace.engine.core.Shape.RunView;
import dev.millrace.engine.core.Want.Origin;
import dev.millrace.incremental.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running pipeline: keeps the stages that a program describes up to date, runs their operations,
 * and remembers what came of them.
 *
 * <p>Thread-safe; the methods that make stages are for the pipeline function and what it calls.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String CUT = "Interrupted: Millrace ended while this job was open";

  private final EngineMetrics metrics;
  private final PrometheusText numbers;
  private final StateDirectory directory;
  private final JobStore store;
  private final Recorder recorder;
  private final Jobs jobs;
  private final Cache cache;
  private final Evaluation evaluation;
  private final Control control;
  private final Retention retention;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Engine(
      EngineConfig config,
      StateDirectory directory,
      JobStore store,
      Writer writer,
      boolean planning) {
    this.metrics = new EngineMetrics(config.metrics(), this::stages, this::openJobs);
    this.numbers = new PrometheusText(config.metrics());
    Approvals approvals = new Approvals(config.confirmation().threshold());
    this.directory = directory;
    this.store = store;
    this.evaluation =
        new Evaluation(config.time().clock(), config.time().ticker(), metrics, planning);
    this.recorder = Recorder.start(store, writer, directory.root(), this::die);
    StoredLogRules logRules = StoredLogRules.load(store, recorder);
    this.jobs =
        new Jobs(
            directory, recorder, environment(config, approvals), logRules, this::ended, this::die);
    this.cache = new Cache(evaluation, recorder, jobs, metrics);
    this.control =
        new Control(
            evaluation,
            cache,
            jobs,
            store,
            recorder,
            directory,
            approvals,
            logRules,
            new StoredSignIns(store, recorder));
    this.retention =
        new Retention(
            config,
            directory,
            store,
            recorder,
            job -> jobs.find(job).isPresent() || cache.isLive(job));
    config
        .confirmation()
        .autoRelease()
        .ifPresent(after -> evaluation.after(after, approvals::release));
  }

  /**
   * Opens the state directory and starts the pipeline; returns when its first round is published,
   * with what is known from earlier runs.
   *
   * @param pipeline makes the stages; called once, on the evaluation thread; returns the one that
   *     stands for the whole
   * @throws EngineException if the state directory is in use, cannot be written or read, or the
   *     pipeline function fails
   */
  public static Engine start(EngineConfig config, Function<Engine, Current<?>> pipeline) {
    return start(config, pipeline, false);
  }

  /**
   * Says what an engine would do with a pipeline, and runs nothing: the pipeline is made, its
   * monitors read what they follow, and what is recorded is looked up. No job is made; jobs that an
   * engine left open when it died are ended in the records, as at any start.
   *
   * @param patience how long to wait for the monitors' reads
   * @throws EngineException as {@link #start}, and if the monitors take longer
   */
  public static RunPlan plan(
      EngineConfig config, Function<Engine, Current<?>> pipeline, Duration patience)
      throws InterruptedException {
    try (Engine engine = start(config, pipeline, true)) {
      long end = System.nanoTime() + patience.toNanos();
      EngineControl.Overview overview = engine.control.overview();
      while (!overview.settled()) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (left.isNegative()) {
          throw new EngineException(
              "Cannot plan: what the pipeline follows could not be read within %s"
                  .formatted(Durations.describe(patience)));
        }
        overview = engine.control.awaitChange(overview.round(), left);
      }
      return engine.control.plan();
    }
  }

  private static Engine start(
      EngineConfig config, Function<Engine, Current<?>> pipeline, boolean planning) {
    Engine engine = open(config, planning);
    try {
      engine.evaluation.start(engine.cache, () -> pipeline.apply(engine));
      if (!planning) {
        engine.jobs.start();
        engine.retention.start();
      }
      return engine;
    } catch (InterruptedException e) {
      engine.close();
      Thread.currentThread().interrupt();
      throw new EngineException("Interrupted while the pipeline was built", e);
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  private static Engine open(EngineConfig config, boolean planning) {
    StateDirectory directory = StateDirectory.open(config.stateDirectory());
    JobStore store = null;
    try {
      store = JobStore.open(database(config, directory));
      Writer writer = takeOver(directory, store, config.time().clock().instant());
      return new Engine(config, directory, store, writer, planning);
    } catch (RuntimeException e) {
      if (store != null) {
        store.close();
      }
      directory.close();
      throw e;
    }
  }

  private static Database database(EngineConfig config, StateDirectory directory) {
    return config
        .database()
        .<Database>map(PostgresServer::new)
        .orElseGet(() -> new SqliteFile(directory.database(), directory.root()));
  }

  /** Has the records from whoever had them before. */
  private static Writer takeOver(StateDirectory directory, JobStore store, Instant now) {
    try {
      Writer writer = store.openWriter();
      if (Files.exists(directory.ocurrentDatabase())) {
        new OcurrentImport(directory.ocurrentDatabase(), store, writer).run();
      }
      closeInterrupted(directory, store, writer, now);
      return writer;
    } catch (JdbiException e) {
      throw new EngineException(
          store
              .passing(e)
              .orElseGet(
                  () ->
                      "Cannot write the records in \"%s\": %s"
                          .formatted(directory.root(), Traces.rootMessage(e))),
          e);
    }
  }

  private static void closeInterrupted(
      StateDirectory directory, JobStore store, Writer writer, Instant now) {
    writer.transact(
        open -> {
          for (JobStore.LeftOpen job : store.leftOpen(open.handle())) {
            closeInterrupted(directory, store, open, job, now);
          }
        });
  }

  /** What somebody had cancelled stays so; all else that was left open is to be done again. */
  private static void closeInterrupted(
      StateDirectory directory, JobStore store, Writer writer, JobStore.LeftOpen job, Instant now) {
    Optional<String> cancelled = job.canceller().map(Engine::cancelledBy);
    String end = "\n" + cancelled.map(message -> "Job cancelled: " + message).orElse(CUT) + "\n";
    // Before the record is closed, after which nobody comes back to the log.
    try {
      if (!EndedLog.endWith(directory.logOf(job.id()), end)) {
        store.insertLog(writer, job.id(), end.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      LOG.warn("Cannot close the log of interrupted job {}", job.id(), e);
    }
    store.close(
        writer.handle(),
        job.id(),
        cancelled.isPresent() ? JobRecord.State.CANCELLED : JobRecord.State.INTERRUPTED,
        cancelled.orElse(CUT),
        now);
  }

  /** Why a job has ended that somebody has cancelled. */
  static String cancelledBy(String who) {
    return "Cancelled by " + who;
  }

  private Job.Environment environment(EngineConfig config, Approvals approvals) {
    return new Job.Environment() {
      @Override
      public InstantSource clock() {
        return config.time().clock();
      }

      @Override
      public Approvals approvals() {
        return approvals;
      }

      @Override
      public EngineMetrics metrics() {
        return metrics;
      }

      @Override
      public long logSizeMax() {
        return config.keeping().logSizeMax();
      }

      @Override
      public void changed(Job job) {
        evaluation.post(() -> jobChanged(job));
      }
    };
  }

  // Asked by whoever reads the metrics, which cannot be before the constructor is done.
  private StageCounts stages() {
    return evaluation.overview().counts();
  }

  private int openJobs() {
    return jobs.count();
  }

  private void jobChanged(Job job) {
    cache.jobChanged(job);
    if (job.phase() == Job.Phase.RUNNING) {
      jobs.timeLimit(job).ifPresent(limit -> armTimeLimit(job, limit));
    }
  }

  private void armTimeLimit(Job job, Duration limit) {
    Cancellation why =
        new Cancellation(
            Cancellation.Cause.TIME_LIMIT,
            "Timed out: it took longer than " + Durations.describe(limit));
    // The timer knows only the id: most jobs end, and can be forgotten, long before it is due.
    JobId id = job.id();
    evaluation.after(limit, () -> jobs.find(id).ifPresent(open -> open.cancel(why)));
  }

  private <O> void ended(Instance<?, ?, O> instance, Job job, Instance.Ending<O> ending) {
    evaluation.post(() -> cache.ended(instance, job, ending));
  }

  private void die(Throwable cause) {
    die(
        "The records in \"%s\" cannot be written: %s"
            .formatted(directory.root(), Traces.rootMessage(cause)),
        cause);
  }

  private void die(String what, Throwable cause) {
    evaluation.post(
        () -> {
          throw new EngineException(what, cause);
        });
  }

  /** The numbers of the registry that it was configured with, in Prometheus' text format. */
  public String metricsText() {
    return numbers.text();
  }

  /** What operators see and may do. */
  public EngineControl control() {
    return control;
  }

  /**
   * A directory for a plugin's own things below the state directory; made if it is missing.
   *
   * @param name lower-case letters, digits and dashes
   */
  public Path stateDirectory(String name) {
    return directory.directoryFor(name);
  }

  /**
   * Tables of a plugin's own in the engine's database: made, or brought up to date, now.
   *
   * @param name the plugin's, for ever: 1 to 40 lower-case letters, digits and underscores, a
   *     letter first; the tables' names begin with it
   * @param beside a class of the plugin: the folder {@code tables/NAME} beside it on the class path
   *     has the steps that make the tables, {@code V1__what.sql}, {@code V2__what.sql} and so on,
   *     which are never changed once they are published
   * @throws NewerRecordsException if a newer version of the plugin has been there
   * @throws EngineException if a step fails
   */
  public PluginTables tables(String name, Class<?> beside) {
    if (!name.matches("[a-z][a-z0-9_]{0,39}")) {
      throw new IllegalArgumentException(
          "The name of a plugin must be 1 to 40 lower-case letters, digits and underscores, a letter first, was \"%s\""
              .formatted(name));
    }
    store.migrate(Migrations.of(beside, List.of("tables/" + name)).withHistory(name + "_versions"));
    return new PluginTables(store, recorder);
  }

  /** An input that the program sets. May be made anywhere. */
  public <T> Variable<T> variable(String name, Outcome<T> initial) {
    return new Variable<>(name, initial, evaluation);
  }

  /**
   * A stage that follows something outside. Stages with the same monitor object share its reads.
   *
   * @param label how it is drawn
   */
  public <T> Current<T> monitor(String label, Monitor<T> monitor) {
    return evaluation.monitor(label, monitor);
  }

  /** A stage whose operation needs a key only. */
  public <K, O> Current<O> run(String label, Operation<K, Done, O> operation, Current<K> key) {
    return run(label, operation, key, Current.of(Done.DONE), Schedule.ALWAYS);
  }

  /** A stage whose operation needs a key only, done again by a schedule. */
  public <K, O> Current<O> run(
      String label, Operation<K, Done, O> operation, Current<K> key, Schedule schedule) {
    return run(label, operation, key, Current.of(Done.DONE), schedule);
  }

  /** A stage that brings a key to a value. */
  public <K, V, O> Current<O> run(
      String label, Operation<K, V, O> operation, Current<K> key, Current<V> value) {
    return run(label, operation, key, value, Schedule.ALWAYS);
  }

  /**
   * A stage that brings a key to a value, once both are known, and shows the outcome. Stages that
   * want the same of the same key share one job; stages that want different values of one key at
   * the same time fail.
   *
   * @param label how it is drawn
   * @param schedule how long the outcome is good for; of several for one key the shortest holds
   */
  public <K, V, O> Current<O> run(
      String label,
      Operation<K, V, O> operation,
      Current<K> key,
      Current<V> value,
      Schedule schedule) {
    Current<Inputs<K, V>> inputs = key.zip(value, Inputs::new);
    return run(
        Blueprint.active().graph.constant(label), operation, List.of(key, value), inputs, schedule);
  }

  /**
   * A stage that brings a key to a value, drawn as the operation describes what it works on: for
   * the members of a list, which are told apart by that.
   *
   * @param label how it is drawn while that is not known
   */
  public <K, V, O> Current<O> runDescribed(
      String label, Operation<K, V, O> operation, Current<K> key, Current<V> value) {
    Blueprint blueprint = Blueprint.active();
    Current<Inputs<K, V>> inputs = key.zip(value, Inputs::new);
    Value<String> described =
        blueprint.graph.map(
            inputs.value(),
            signal -> signal.isOk() ? describe(operation, signal.value()) : label,
            Objects::equals);
    return run(described, operation, List.of(key, value), inputs, Schedule.ALWAYS);
  }

  // The boundary to the operation's code: a description is only for show.
  @SuppressWarnings("CatchingUnchecked")
  private static <K, V> String describe(Operation<K, V, ?> operation, Inputs<K, V> inputs) {
    try {
      return Objects.requireNonNull(
          operation.describe(inputs.key, inputs.value), "The description of a job is null");
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      return Traces.headline(bug);
    }
  }

  private <K, V, O> Current<O> run(
      Value<String> label,
      Operation<K, V, O> operation,
      List<Current<?>> sources,
      Current<Inputs<K, V>> inputs,
      Schedule schedule) {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Trail trail = new Trail();
    Since since = blueprint.since();
    Value<View<O>> idle =
        blueprint.graph.constant(new View<>(Outcome.active(Activity.READY), RunView.NONE));
    Value<View<O>> view =
        blueprint.graph.bind(
            inputs.value(),
            signal -> {
              long changed = since.evaluated(signal.isOk(), blueprint.round());
              return signal.isOk()
                  ? want(operation, signal.value(), schedule, new Origin(sources, changed))
                  : idle;
            },
            Blueprint::equal);
    Value<Signal<O>> result =
        blueprint.graph.compute(
            List.of(inputs.value(), view),
            () ->
                inputs.value().get().isOk()
                    ? trail.note(
                        Signal.of(view.get().outcome(), id), blueprint.round(), view.get().ended())
                    : inputs.value().get().propagate(),
            Blueprint::same);
    Value<RunView> shown = blueprint.graph.map(view, View::run, Objects::equals);
    return blueprint.visible(id, new Shape.Run(label, sources, shown, trail), result);
  }

  private record Inputs<K, V>(K key, V value) {}

  // The boundary to the operation's code: what it throws fails this stage.
  @SuppressWarnings("CatchingUnchecked")
  private <K, V, O> Value<View<O>> want(
      Operation<K, V, O> operation, Inputs<K, V> inputs, Schedule schedule, Origin origin) {
    try {
      return cache.want(Want.of(operation, inputs.key, inputs.value, schedule, origin));
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      return evaluation.graph().constant(new View<>(Outcome.error(bug), RunView.NONE));
    }
  }

  /**
   * Has the recorded outcome of a key forgotten; if it is wanted, the work is done again. Any
   * thread but the engine's own; when this returns, it is forgotten for ever: also whoever is
   * killed then does not use it again.
   *
   * @throws EngineException if that cannot be recorded now
   */
  public <K> void invalidate(Operation<K, ?, ?> operation, K key) {
    control.invalidate(operation.id(), operation.keyDigest(key));
  }

  /**
   * What a stage has come to, as of the last round.
   *
   * @param blocked whether it has no value because of a stage before it, and not by itself
   */
  public record Seen<T>(Outcome<T> outcome, boolean blocked) {}

  /** Looks at a stage of this pipeline. Any thread but the engine's own; waits for the round. */
  public <T> Seen<T> observe(Current<T> stage) {
    return evaluation.ask(
        () -> {
          Signal<T> signal = stage.observe();
          boolean own = signal.stateOf(stage.id()) != StageState.BLOCKED;
          return new Seen<>(signal.outcome(), !own);
        },
        false);
  }

  /** The pipeline as one line of text; see {@link Outline}. Any thread but the engine's own. */
  public String outline() {
    return control.outline();
  }

  /** Deletes now what need not be kept. */
  void retain() throws IOException, InterruptedException {
    retention.pass();
  }

  /** Looks at the clock now, for clocks that tests move. */
  void tick() {
    evaluation.post(() -> {});
  }

  /**
   * Stops jobs, killing their processes, waits for all threads, and closes the records. Jobs that
   * it stops are done again by the next engine on the state directory.
   *
   * <p>It takes two minutes at most. What does not stop by then (an operation or a monitor that
   * ignores its interruption, a disk that does not answer) is left behind, and an error in the
   * program's log names it; the state directory stays locked then, so that nobody begins anew what
   * may still be at work.
   */
  @Override
  public void close() {
    close(PATIENCE);
  }

  /** The same with another patience, for each of four steps. */
  void close(Duration patience) {
    if (closed.getAndSet(true)) {
      return;
    }
    boolean ended = evaluation.beginClosing(Deadline.in(patience));
    // Both are told before either is waited for.
    evaluation.interruptMonitors();
    jobs.cancelAll();
    Deadline work = Deadline.in(patience);
    boolean jobsEnded = jobs.join(work);
    boolean monitorsEnded = evaluation.joinMonitors(work);
    ended &= retention.close(work);
    // Brings the news of ended jobs to the evaluation, which must still be there to take them.
    boolean recorded = recorder.close(Deadline.in(patience));
    ended &= evaluation.stop(Deadline.in(patience));
    store.close();
    metrics.close();
    if (ended && jobsEnded && monitorsEnded && recorded) {
      directory.close();
    } else {
      LOG.error(
          "The engine is closed, but not all of it has ended{}{}: the state directory \"{}\" stays"
              + " locked until this process ends",
          ended ? "" : "; the evaluation is stuck",
          recorded ? "" : "; the records are still being written",
          directory.root());
    }
  }
}
