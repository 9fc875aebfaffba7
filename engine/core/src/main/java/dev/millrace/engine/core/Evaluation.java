package dev.millrace.engine.core;

import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.incremental.Graph;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the pipeline: it takes messages, evaluates, decides what to do, and
 * publishes what has come of it, in rounds.
 *
 * <p>A round: take all messages that wait; propagate; while records are being read, wait for them
 * and propagate again; start and stop monitors, and propagate again if one begins anew; then, with
 * all wants known, start and stop jobs; repeat while that changed something; publish; answer who
 * has asked how things stand. So a round shows nothing half done, and nothing is started on the
 * strength of a state that a record about to be read, or a monitor about to begin anew, would
 * change.
 *
 * <p>Timers go by a ticker, which nobody can set. What is due at a time of day, as outcomes of
 * earlier runs are, goes by a {@link SteadyClock}: when that leaps forward, it is looked at anew.
 *
 * <p>Everybody else speaks to it by {@link #post}, which may block while the mailbox is full; so
 * the thread itself never posts. It never waits for a disk, a process or the network.
 */
final class Evaluation {
  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);
  static final int MAILBOX_MAX = 10_000;

  /** So soon it is noticed that the clock was set forward, or that the machine had slept. */
  private static final Duration NAP_MAX = Duration.ofSeconds(4);

  /** The round in which the pipeline is made. */
  static final long FIRST_ROUND = 1;

  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

  private final InstantSource clock;
  private final LongSupplier ticker;
  private final SteadyClock steadyClock;
  private final boolean planning;
  private final EngineMetrics metrics;
  private final Tally tally;
  private final Blueprint blueprint;
  private final ArrayBlockingQueue<Message> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);

  /** Messages that were posted and whose consequences are not published yet. */
  private final AtomicLong pending = new AtomicLong();

  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number));
  private final IdentityHashMap<Monitor<?>, MonitorInput<?>> monitors = new IdentityHashMap<>();
  private final List<MonitorInput<?>> touchedMonitors = new ArrayList<>();

  /** Questions that came in the middle of a round: answered at its end. */
  private final List<Message> questions = new ArrayList<>();

  /** The monitors whose threads may be alive; any thread. */
  private final Set<MonitorInput<?>> driven = ConcurrentHashMap.newKeySet();

  // Ticks since it was made, which compare: a ticker may begin anywhere, and overflow.
  private final long beginning;
  private long timerNumber;
  private long leaps;
  private long handled;
  private @Nullable Cache cache;
  private @Nullable Current<?> root;
  private long computations = -1;

  // Published, under the lock.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition published = lock.newCondition();
  private Overview overview =
      new Overview(0, StageState.RUNNING, Optional.empty(), new StageCounts(Map.of()), false);

  // Written by one thread, read by any: flags without further data behind them.
  private volatile boolean closing;
  private volatile boolean stopped;
  private volatile @Nullable Throwable death;
  private volatile long busySince = System.nanoTime();
  private volatile boolean resting;

  private @Nullable Thread thread;

  private record Message(Runnable action, boolean changes) {}

  private record Timer(long due, long number, Runnable action) {}

  Evaluation(InstantSource clock, LongSupplier ticker, EngineMetrics metrics, boolean planning) {
    this.planning = planning;
    this.clock = clock;
    this.ticker = ticker;
    this.beginning = ticker.getAsLong();
    this.steadyClock = new SteadyClock(clock, ticker);
    this.metrics = metrics;
    this.tally = new Tally(clock);
    this.blueprint = new Blueprint(tally);
  }

  /** What time it is, for people. Any thread. */
  InstantSource clock() {
    return clock;
  }

  /** What time it is, for what is to be done after a while. */
  Instant now() {
    return steadyClock.now();
  }

  Graph graph() {
    return blueprint.graph;
  }

  /** The round that is evaluated now. */
  long evaluatedRound() {
    return blueprint.round();
  }

  boolean isClosing() {
    return closing;
  }

  boolean isPlanning() {
    return planning;
  }

  // Starting and stopping.

  /**
   * Starts the thread; returns once {@code build} has made the pipeline and its first round is
   * published, so that nobody sees a pipeline of which nothing is known yet.
   */
  void start(Cache ownCache, Supplier<Current<?>> build) throws InterruptedException {
    cache = ownCache;
    CompletableFuture<Overview> first = new CompletableFuture<>();
    // A platform thread: it must run even when jobs on virtual threads keep all carriers busy.
    Thread own =
        Thread.ofPlatform()
            .name("millrace-evaluation")
            .daemon()
            .unstarted(() -> blueprint.run(() -> live(build, first)));
    thread = own;
    own.start();
    try {
      first.get();
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw cause instanceof EngineException known
          ? known
          : new EngineException("The pipeline cannot be built: " + Traces.headline(cause), cause);
    }
  }

  // The last resort: an engine whose own code fails says so, and stops.
  @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
  private void live(Supplier<Current<?>> build, CompletableFuture<Overview> first) {
    try {
      root = build.get();
      evaluateRound();
      first.complete(overview);
      while (!stopped) {
        takeMessages(nap(), false);
        evaluateRound();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      death = e;
      // Whoever starts the engine is told of what happens before it has started, nobody else.
      if (!first.completeExceptionally(e)) {
        LOG.error("The evaluation has failed: the engine stops", e);
      }
    } finally {
      stopped = true;
      first.completeExceptionally(new EngineException("The engine was stopped before it began"));
      drain();
    }
  }

  /** Lets nobody wait for an answer, or for room, that will not come. */
  private void drain() {
    List<Message> left = new ArrayList<>();
    mailbox.drainTo(left);
    wakeWaiters();
  }

  /**
   * From now on nothing is started; waits until the round that goes on, which may not know it yet,
   * is over. Says whether it was by the deadline.
   */
  boolean beginClosing(Deadline deadline) {
    closing = true;
    Thread own = thread;
    CountDownLatch over = new CountDownLatch(1);
    Message question = new Message(over::countDown, false);
    return deadline.await(
        pause -> mailbox.offer(question, pause, TimeUnit.NANOSECONDS) || isOver(own),
        pause -> over.await(pause, TimeUnit.NANOSECONDS) || isOver(own));
  }

  private static boolean isOver(@Nullable Thread own) {
    return own == null || !own.isAlive();
  }

  /** Ends the thread and waits for it; says whether it ended by the deadline. */
  boolean stop(Deadline deadline) {
    Thread own = thread;
    pending.incrementAndGet();
    Message last = new Message(() -> stopped = true, true);
    boolean ended =
        own == null
            || deadline.await(
                pause -> mailbox.offer(last, pause, TimeUnit.NANOSECONDS) || isOver(own),
                pause -> own.join(Duration.ofNanos(Math.max(1, pause))));
    // Also where it did not: lets nobody wait for it any more.
    stopped = true;
    return ended;
  }

  /** Has the threads of all monitors end. */
  void interruptMonitors() {
    driven.forEach(MonitorInput::close);
  }

  /** Waits for the threads of all monitors; says whether they ended by the deadline. */
  boolean joinMonitors(Deadline deadline) {
    boolean all = true;
    for (MonitorInput<?> monitor : driven) {
      all &= monitor.join(deadline);
    }
    return all;
  }

  /** A monitor has a thread from now on. */
  void drives(MonitorInput<?> monitor) {
    driven.add(monitor);
  }

  /** A monitor has stopped, and nothing uses it: the next use of it begins with a new input. */
  void forgetMonitor(Monitor<?> monitor, MonitorInput<?> input) {
    driven.remove(input);
    monitors.remove(monitor, input);
  }

  // Messages.

  /**
   * Has {@code action} done by the evaluation thread, in its next round. Waits while the mailbox is
   * full; dropped when the evaluation has ended.
   */
  void post(Runnable action) {
    pending.incrementAndGet();
    put(new Message(action, true));
  }

  private void put(Message message) {
    boolean interrupted = false;
    while (!stopped) {
      try {
        if (mailbox.offer(message, 1, TimeUnit.SECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        // A message is the only trace of what has happened: it is not lost to a cancellation.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Has the evaluation thread answer a question, between rounds. */
  <T> T ask(Supplier<T> question, boolean changes) {
    if (Thread.currentThread().equals(thread)) {
      throw new IllegalStateException("The engine's own thread cannot wait for itself");
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (changes) {
      pending.incrementAndGet();
    }
    put(new Message(() -> answerTo(question, answer), changes));
    try {
      for (long second = 0; second < ANSWER_MAX.toSeconds() && !stopped; second++) {
        try {
          return answer.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          // Look whether it is still there, and go on waiting.
        }
      }
      throw new EngineException("The engine does not answer: it is stuck or has stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("Interrupted while the engine was asked", e);
    } catch (ExecutionException e) {
      throw new EngineException(
          "The engine cannot answer: " + Traces.rootMessage(e),
          Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  @SuppressWarnings("CatchingUnchecked")
  private static <T> void answerTo(Supplier<T> question, CompletableFuture<T> answer) {
    try {
      answer.complete(question.get());
    } catch (RuntimeException | Error e) {
      answer.completeExceptionally(e);
    }
  }

  /** Has {@code action} done after a while. */
  void after(Duration pause, Runnable action) {
    timers.add(new Timer(elapsed() + pause.toNanos(), timerNumber++, action));
  }

  private long elapsed() {
    return ticker.getAsLong() - beginning;
  }

  private Duration nap() {
    Timer next = timers.peek();
    if (next == null) {
      return NAP_MAX;
    }
    Duration left = Duration.ofNanos(next.due - elapsed());
    return left.compareTo(NAP_MAX) < 0 ? left : NAP_MAX;
  }

  private void takeMessages(Duration patience, boolean amidRound) throws InterruptedException {
    resting = true;
    Message first = mailbox.poll(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
    busySince = System.nanoTime();
    resting = false;
    List<Message> batch = new ArrayList<>();
    if (first != null) {
      batch.add(first);
      mailbox.drainTo(batch);
    }
    for (Message message : batch) {
      if (amidRound && !message.changes) {
        questions.add(message);
        continue;
      }
      message.action.run();
      handled += message.changes ? 1 : 0;
    }
    runTimers();
  }

  private void answerQuestions() {
    List<Message> asked = List.copyOf(questions);
    questions.clear();
    asked.forEach(question -> question.action.run());
  }

  private void runTimers() {
    Instant _ = now();
    if (leaps != steadyClock.leaps()) {
      leaps = steadyClock.leaps();
      LOG.info("The clock was set forward, or the machine slept: what is due is done");
      cache().clockLeapt();
    }
    long now = elapsed();
    Timer next;
    while ((next = timers.peek()) != null && next.due <= now) {
      timers.remove();
      next.action.run();
    }
  }

  // Rounds.

  private Cache cache() {
    return Objects.requireNonNull(cache);
  }

  private void evaluateRound() throws InterruptedException {
    long start = System.nanoTime();
    blueprint.beginRound();
    do {
      propagate();
      cache().reconcile();
    } while (graph().isDirty() || cache().hasWork());
    metrics.evaluationTook(System.nanoTime() - start);
    publish();
    answerQuestions();
  }

  /** Evaluates until nothing is to be read from the records and no monitor begins anew. */
  private void propagate() throws InterruptedException {
    do {
      graph().propagate();
      while (cache().isLoading() && !stopped) {
        takeMessages(NAP_MAX, true);
        graph().propagate();
      }
      List<MonitorInput<?>> due = List.copyOf(touchedMonitors);
      touchedMonitors.clear();
      due.forEach(MonitorInput::reconcile);
    } while (graph().isDirty() && !stopped);
  }

  private void publish() {
    Signal<?> result = Objects.requireNonNull(root).observe();
    boolean busy = cache().isBusy() || monitors.values().stream().anyMatch(MonitorInput::isBusy);
    lock.lock();
    try {
      boolean changed = computations != graph().computations() || busy == overview.settled();
      computations = graph().computations();
      if (changed) {
        overview =
            new Overview(
                overview.round() + 1,
                result.outcome().state(),
                result.outcome().explanation(),
                tally.counts(),
                !busy);
        published.signalAll();
      }
      // Only now have the messages of this round had their effect.
      pending.addAndGet(-handled);
      handled = 0;
    } finally {
      lock.unlock();
    }
  }

  /** The latest published state. Any thread. */
  Overview overview() {
    lock.lock();
    try {
      // Messages under way may change everything: what is published is not settled then.
      return pending.get() > 0 && overview.settled()
          ? new Overview(
              overview.round(), overview.result(), overview.message(), overview.counts(), false)
          : overview;
    } finally {
      lock.unlock();
    }
  }

  Overview awaitChange(long round, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    // The end wakes who waits; who asks afterwards waits in full, for callers ask again and again.
    boolean over = stopped;
    lock.lock();
    try {
      while (overview.round() <= round && left > 0 && (over || !stopped)) {
        left = published.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    return overview();
  }

  private void wakeWaiters() {
    lock.lock();
    try {
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Why the evaluation does not go on, if it does not. Any thread. */
  Optional<String> trouble(Duration stuckAfter) {
    Throwable failure = death;
    if (failure != null) {
      return Optional.of("The evaluation has failed: " + Traces.headline(failure));
    }
    if (stopped) {
      return Optional.of("The engine has been stopped");
    }
    long busy = System.nanoTime() - busySince;
    return !resting && busy > stuckAfter.toNanos()
        ? Optional.of(
            "A round of evaluation has been going on for %d s".formatted(busy / 1_000_000_000))
        : Optional.empty();
  }

  // What pipelines need.

  <T> Current<T> monitor(String label, Monitor<T> monitor) {
    // The same monitor object has the same type of value.
    @SuppressWarnings("unchecked")
    MonitorInput<T> shared =
        (MonitorInput<T>)
            monitors.computeIfAbsent(monitor, _ -> new MonitorInput<>(label, monitor, this));
    shared.use();
    touchedMonitors.add(shared);
    graph()
        .onRelease(
            () -> {
              shared.unuse();
              touchedMonitors.add(shared);
            });
    int id = blueprint.nextId();
    Trail trail = new Trail();
    return blueprint.visible(
        id,
        new Shape.Source(
            label, graph().map(shared.input(), MonitorInput.View::source, Objects::equals), trail),
        graph()
            .map(
                shared.input(),
                view -> trail.note(Signal.of(view.outcome(), id), blueprint.round()),
                Blueprint::same));
  }

  /** The number of the latest published round. Any thread. */
  long round() {
    lock.lock();
    try {
      return overview.round();
    } finally {
      lock.unlock();
    }
  }

  /** The labels of the operations whose inputs are not known, and of parts not made yet. */
  List<String> unknown() {
    return Picture.unknown(Objects.requireNonNull(root));
  }

  /** The pipeline as text. */
  String outline() {
    return Outline.of(Objects.requireNonNull(root));
  }

  /** The stages as they stand. */
  Picture.Sketch sketch() {
    return Picture.sketch(overview.round(), Objects.requireNonNull(root));
  }
}
