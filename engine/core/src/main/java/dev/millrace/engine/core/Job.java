package dev.millrace.engine.core;

import dev.millrace.base.Command;
import dev.millrace.base.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One logged execution of an {@link Operation}: its log, its start, its cancellation. Thread-safe.
 */
public final class Job {
  private static final Logger LOG = LoggerFactory.getLogger(Job.class);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm.ss: ", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final JobRecord record;
  private final LogFile log;
  private final Pool.Priority priority;
  private final Environment environment;

  // Guarded by this; nothing blocks or calls out while it is held.
  private Phase phase = Phase.CREATED;
  private Optional<String> waitsFor = Optional.empty();
  private Optional<String> approver = Optional.empty();
  private @Nullable Instant started;
  private @Nullable Cancellation cancellation;
  private @Nullable Thread worker;
  private @Nullable Thread canceller;
  private final List<Hook> hooks = new ArrayList<>();
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();

  /** How far it has come. */
  enum Phase {
    CREATED(Activity.READY),
    WAITING_FOR_APPROVAL(Activity.WAITING_FOR_CONFIRMATION),
    WAITING_FOR_PLACE(Activity.READY),
    RUNNING(Activity.RUNNING),
    /** The work is over; what came of it is decided. */
    ENDED(Activity.RUNNING);

    private final Activity activity;

    Phase(Activity activity) {
      this.activity = activity;
    }

    Activity activity() {
      return activity;
    }
  }

  /** What a job needs of the engine. */
  interface Environment {
    InstantSource clock();

    Approvals approvals();

    EngineMetrics metrics();

    /** How much a job may print. */
    long logSizeMax();

    /** The job has entered another phase. */
    void changed(Job job);
  }

  private record Hook(Consumer<String> action) {}

  Job(JobRecord record, LogFile log, Pool.Priority priority, Environment environment) {
    this.record = record;
    this.log = log;
    this.priority = priority;
    this.environment = environment;
  }

  /** Its id. */
  public JobId id() {
    return record.id();
  }

  /** What it works on, for people. */
  public String description() {
    return record.description();
  }

  /**
   * Writes a line of its own into the log, with the time in front. A disk that takes no more does
   * not stop the job: the log says, once it can, how much is missing.
   */
  public void log(String line) {
    String text = STAMP.format(environment.clock().instant()) + line + "\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, 0, bytes.length);
  }

  /** Writes bytes into the log as they are; see {@link #log} for a full disk. */
  public void write(byte[] bytes, int offset, int length) {
    log.append(bytes, offset, length);
  }

  /** Starts work of this level once it is allowed. To be called once, before the work. */
  public void start(Level level) throws InterruptedException {
    start(level, Optional.empty());
  }

  /** Starts work of this level once it is allowed and there is a place for it in the pool. */
  public void start(Level level, Pool pool) throws InterruptedException {
    start(level, Optional.of(pool));
  }

  /**
   * Starts work of this level once it is allowed and, if there is a pool, there is a place in it,
   * which the job keeps until it ends.
   */
  public void start(Level level, Optional<Pool> pool) throws InterruptedException {
    synchronized (this) {
      if (started != null) {
        throw new IllegalStateException("Job %s has been started already".formatted(id()));
      }
    }
    awaitApproval(level);
    if (pool.isPresent()) {
      keep(take(pool.get(), Phase.WAITING_FOR_PLACE));
    }
    synchronized (this) {
      started = environment.clock().instant();
    }
    enter(Phase.RUNNING);
  }

  private void awaitApproval(Level level) throws InterruptedException {
    if (environment.approvals().allows(level)) {
      return;
    }
    if (!isApproved()) {
      log("Waiting for approval: its level is \"%s\"".formatted(level));
      log.rest();
      enter(
          Phase.WAITING_FOR_APPROVAL,
          Optional.of("Waits for approval: its level is \"%s\"".formatted(level)));
    }
    environment.approvals().await(level, this::isApproved);
    // Said here and not by who approves: that can be before there is a log.
    log(approver().map(who -> "Start approved by " + who).orElse("No approval is needed any more"));
    // A job that has its approval queues, or runs: it must not look as if it still waited.
    enter(Phase.WAITING_FOR_PLACE);
  }

  /** What it waits for before it can begin, for people; empty if it does not. */
  synchronized Optional<String> waitsFor() {
    return waitsFor;
  }

  /**
   * Takes a place in a pool for a part of the work; close it to give it back. It is given back at
   * the end of the job at the latest.
   */
  public Pool.Place use(Pool pool) throws InterruptedException {
    Pool.Place place = take(pool, null);
    keep(place);
    return place;
  }

  private Pool.Place take(Pool pool, @Nullable Phase whileWaiting) throws InterruptedException {
    EngineMetrics metrics = environment.metrics();
    metrics.poolWanted(pool);
    long before = System.nanoTime();
    Pool.Place place = pool.tryTake().orElse(null);
    if (place == null) {
      log("Waiting for a place in pool \"%s\"".formatted(pool.label()));
      if (whileWaiting != null) {
        enter(
            whileWaiting, Optional.of("Waits for a place in pool \"%s\"".formatted(pool.label())));
      }
      log.rest();
      place = pool.take(priority);
      log("Got a place in pool \"%s\"".formatted(pool.label()));
    }
    metrics.poolWaited(pool, System.nanoTime() - before);
    place.whenReturned(kept -> metrics.poolUsed(pool, kept));
    return place;
  }

  private void keep(Pool.Place place) {
    if (!tryOwn(place)) {
      // A thread that the operation has left behind: nobody would give the place back.
      place.close();
      throw new IllegalStateException("Job %s has ended".formatted(id()));
    }
  }

  private synchronized boolean tryOwn(AutoCloseable resource) {
    if (phase == Phase.ENDED) {
      return false;
    }
    owned.push(resource);
    return true;
  }

  /**
   * Has {@code resource} closed by the job's thread when the work is over, however it ends: what
   * was given last is closed first, and each waits for the one before. What a close throws is
   * logged, and keeps nothing from being closed. Closed at once if the job has ended.
   *
   * @return the resource
   */
  public <R extends AutoCloseable> R own(R resource) {
    if (!tryOwn(resource)) {
      closeOwned(resource);
    }
    return resource;
  }

  // The boundary to the operation's code.
  @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
  private void closeOwned(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception | Error e) {
      log("Cannot clean up: " + Traces.headline(e));
      LOG.warn("Job {} cannot clean up", id(), e);
    }
  }

  /**
   * Shows stars in place of this secret, and of each longer line of it, in all that the log gets
   * from now on and in the job's failure, whoever prints it. Call it before the secret is used.
   */
  public void hide(Secret secret) {
    log.hide(secret);
  }

  /**
   * Runs a child process, with what it prints in the log, and a line before it that shows the
   * command. A cancelled job kills the whole process group.
   *
   * @throws JobFailedException if it ends with another status than 0
   * @throws IOException if it cannot be run
   */
  public void run(Command command) throws IOException, InterruptedException, JobFailedException {
    run(command, command.toString());
  }

  /** The same for a command that has secrets in it: {@code shown} is what the log shows. */
  public void run(Command command, String shown)
      throws IOException, InterruptedException, JobFailedException {
    log("Exec: " + shown);
    int status = command.run((buffer, length) -> write(buffer, 0, length));
    if (status != 0) {
      throw new JobFailedException("Command \"%s\" %s".formatted(shown, Command.describe(status)));
    }
  }

  /**
   * Runs a child process and returns what it prints, decoded as UTF-8; the log shows the command
   * and what it prints as errors.
   *
   * @param bytesMax the most output it may print
   * @throws JobFailedException if it ends with another status than 0, or prints more
   * @throws IOException if it cannot be run
   */
  public String read(Command command, int bytesMax)
      throws IOException, InterruptedException, JobFailedException {
    log("Exec: " + command);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AtomicBoolean tooMuch = new AtomicBoolean();
    int status =
        command.run(
            (buffer, length) -> {
              int room = Math.min(length, bytesMax - out.size());
              tooMuch.compareAndSet(false, room < length);
              out.write(buffer, 0, room);
            },
            (buffer, length) -> write(buffer, 0, length));
    if (status != 0) {
      throw new JobFailedException(
          "Command \"%s\" %s".formatted(command, Command.describe(status)));
    }
    if (tooMuch.get()) {
      throw new JobFailedException(
          "Command \"%s\" printed more than %d bytes".formatted(command, bytesMax));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * Has {@code hook} called, once, when the job is cancelled (with the reason) or else when it has
   * ended. At once if it is cancelled already.
   *
   * @return takes the hook away, unless it has been called
   */
  public AutoCloseable onCancel(Consumer<String> hook) {
    Hook entry = new Hook(hook);
    Optional<String> now;
    synchronized (this) {
      now = Optional.ofNullable(cancellation).map(Cancellation::reason);
      if (now.isEmpty()) {
        hooks.add(entry);
      }
    }
    now.ifPresent(hook);
    return () -> {
      synchronized (this) {
        hooks.remove(entry);
      }
    };
  }

  /** Whether it is to stop. */
  public synchronized boolean isCancelled() {
    return cancellation != null;
  }

  synchronized Optional<Cancellation> cancellation() {
    return Optional.ofNullable(cancellation);
  }

  synchronized Phase phase() {
    return phase;
  }

  synchronized Optional<Instant> started() {
    return Optional.ofNullable(started);
  }

  private synchronized Optional<String> approver() {
    return approver;
  }

  boolean isApproved() {
    return approver().isPresent();
  }

  JobRecord record() {
    return record;
  }

  LogFile logFile() {
    return log;
  }

  /** Lets it start in spite of its level; says whether it was waiting for that, or may yet. */
  boolean approve(String who) {
    synchronized (this) {
      boolean early = phase == Phase.CREATED || phase == Phase.WAITING_FOR_APPROVAL;
      if (!early || approver.isPresent()) {
        return false;
      }
      approver = Optional.of(who);
    }
    environment.approvals().wake();
    return true;
  }

  /**
   * Asks it to stop: its thread is interrupted, and its hooks are called, on a thread of their own.
   * Says whether it will be seen as stopped; false if it was already, or its end is decided.
   */
  boolean cancel(Cancellation why) {
    Thread hooksThread;
    synchronized (this) {
      if (cancellation != null || phase == Phase.ENDED) {
        return false;
      }
      cancellation = why;
      hooksThread = Thread.ofVirtual().name("cancel " + id()).unstarted(() -> stop(why));
      canceller = hooksThread;
    }
    hooksThread.start();
    return true;
  }

  private void stop(Cancellation why) {
    log(why.reason());
    synchronized (this) {
      if (worker != null) {
        worker.interrupt();
      }
    }
    runHooks(why.reason());
  }

  // Hooks are other people's code: one that fails must not keep the others from running.
  @SuppressWarnings("CatchingUnchecked")
  private void runHooks(String reason) {
    List<Hook> due;
    synchronized (this) {
      due = List.copyOf(hooks);
      hooks.clear();
    }
    for (Hook hook : due) {
      try {
        hook.action.accept(reason);
      } catch (RuntimeException | Error e) {
        LOG.warn("A cancellation hook of job {} failed", id(), e);
      }
    }
  }

  private void enter(Phase next) {
    enter(next, Optional.empty());
  }

  private void enter(Phase next, Optional<String> waiting) {
    synchronized (this) {
      if (phase == Phase.ENDED || (phase == next && waitsFor.equals(waiting))) {
        return;
      }
      phase = next;
      waitsFor = waiting;
    }
    environment.changed(this);
  }

  // The life of the thread that does the work.

  /** Makes this thread the one that a cancellation interrupts, at once if it has come already. */
  synchronized void attach() {
    worker = Thread.currentThread();
    if (cancellation != null) {
      worker.interrupt();
    }
  }

  /**
   * Decides that the work is over: from now on it cannot be cancelled. Returns the cancellation, if
   * that came before, once its hooks have run.
   */
  Optional<Cancellation> decide() {
    Optional<Cancellation> why;
    Thread stopping;
    synchronized (this) {
      phase = Phase.ENDED;
      waitsFor = Optional.empty();
      worker = null;
      why = Optional.ofNullable(cancellation);
      stopping = canceller;
    }
    // What a late cancellation has left behind is not for what this thread does next.
    boolean _ = Thread.interrupted();
    if (stopping != null) {
      joinQuietly(stopping);
    }
    runHooks("Job complete");
    return why;
  }

  private static void joinQuietly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes what it owns, and so gives back every place it holds. */
  void release() {
    List<AutoCloseable> held;
    synchronized (this) {
      held = List.copyOf(owned);
      owned.clear();
    }
    held.forEach(this::closeOwned);
  }
}
