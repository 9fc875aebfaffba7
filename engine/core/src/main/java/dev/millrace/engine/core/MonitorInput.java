package dev.millrace.engine.core;

import dev.millrace.engine.core.Shape.SourceView;
import dev.millrace.incremental.Input;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Monitor} at work: counts who needs it, and drives it on a virtual thread of its own, so
 * that exactly one of watch, read and unwatch goes on at a time.
 *
 * <pre>
 *  inactive ── needed ──▶ enabling (watch) ──▶ reading ⇄ waiting
 *      ▲                      ▲                     │ not needed
 *      │                      └── needed again ── disabling (unwatch)
 *      └────────── still not needed: the value is forgotten ──┘
 * </pre>
 *
 * <p>Each time that it leaves "inactive" a new life begins; what is still on its way from an
 * earlier one (a read, a retry) is not shown any more. While it is disabling the engine is not
 * settled: only when that is over is it certain that the next use begins anew.
 *
 * <p>Each wish to read is a ticket with a number; a read serves all tickets given before it began,
 * so that any number of refreshes during one read cause one further read.
 */
final class MonitorInput<T> {
  private static final Logger LOG = LoggerFactory.getLogger(MonitorInput.class);
  private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
  private static final Duration PAUSE_MAX = Duration.ofMinutes(5);

  private final String label;
  private final Monitor<T> monitor;
  private final Evaluation evaluation;
  private final Input<View<T>> input;

  // The evaluation thread's.
  private int users;
  private long served;
  private Optional<Outcome<T>> good = Optional.empty();
  private Duration pause = PAUSE_MIN;
  private long life;

  // Shared with the monitor's thread, under the lock; nothing else happens while it is held.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean needed;
  private long tickets;
  private long taken;
  private boolean closed;
  private @Nullable Thread thread;

  /** What stages see. */
  record View<T>(Outcome<T> outcome, SourceView source) {}

  MonitorInput(String label, Monitor<T> monitor, Evaluation evaluation) {
    this.label = label;
    this.monitor = monitor;
    this.evaluation = evaluation;
    this.input = evaluation.graph().input(unknown(), Blueprint::equal);
  }

  private static <T> View<T> unknown() {
    return new View<>(Outcome.active(Activity.RUNNING), SourceView.PLAIN);
  }

  Input<View<T>> input() {
    return input;
  }

  // The evaluation thread's side.

  void use() {
    users++;
  }

  void unuse() {
    users--;
  }

  /** Starts or stops, by whether it is used, at the end of a round. */
  void reconcile() {
    boolean use = users > 0 && !evaluation.isClosing();
    boolean starts = false;
    lock.lock();
    try {
      if (use != needed && !closed) {
        needed = use;
        if (needed) {
          tickets++;
          if (thread == null) {
            starts = true;
            long number = ++life;
            thread = Thread.ofVirtual().name("monitor " + label).unstarted(() -> drive(number));
            thread.start();
          }
        }
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    if (starts) {
      // What was seen before it stopped may be long out of date.
      forgetValue();
      evaluation.drives(this);
    }
    forgetIfIdle();
  }

  /** Whether there is something to read that has not been, or it is about to stop. */
  boolean isBusy() {
    lock.lock();
    try {
      return needed ? served < tickets : thread != null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Any thread. The ticket is given at once, so that a read which is going on does not serve it.
   */
  private void refresh() {
    if (giveTicket()) {
      evaluation.post(this::showRefresh);
    }
  }

  private boolean giveTicket() {
    lock.lock();
    try {
      if (needed) {
        tickets++;
        changed.signalAll();
      }
      return needed;
    } finally {
      lock.unlock();
    }
  }

  private void showRefresh() {
    if (isReading()) {
      View<T> now = input.get();
      input.set(
          new View<>(
              now.outcome, new SourceView(Optional.of(StageState.RUNNING), now.source.stale())));
    }
  }

  private boolean isReading() {
    lock.lock();
    try {
      return needed && served < tickets;
    } finally {
      lock.unlock();
    }
  }

  private void report(long number, long ticket, Outcome<T> outcome) {
    evaluation.post(() -> take(number, ticket, outcome));
  }

  private void take(long number, long ticket, Outcome<T> outcome) {
    if (number != life) {
      return;
    }
    served = ticket;
    if (outcome.isOk()) {
      good = Optional.of(outcome);
      pause = PAUSE_MIN;
      input.set(new View<>(outcome, SourceView.PLAIN));
      return;
    }
    String reason = outcome.explanation().orElse("unknown");
    LOG.warn("Cannot read {}, trying again in {} s: {}", label, pause.toSeconds(), reason);
    // The last good value stays: what is built on it must not be torn down by a bad connection.
    input.set(
        good.map(
                last ->
                    new View<>(
                        last,
                        new SourceView(
                            Optional.of(StageState.ERROR),
                            Optional.of("Not up to date, the last refresh failed: " + reason))))
            .orElseGet(() -> new View<>(outcome, SourceView.PLAIN)));
    evaluation.after(pause, () -> retry(number, ticket));
    Duration doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }

  private void retry(long number, long failedTicket) {
    if (number == life && served == failedTicket && giveTicket()) {
      showRefresh();
    }
  }

  /** Forgets everything, if it is neither used nor at work. */
  private void forgetIfIdle() {
    lock.lock();
    try {
      if (thread != null || users > 0) {
        return;
      }
    } finally {
      lock.unlock();
    }
    forgetValue();
    evaluation.forgetMonitor(monitor, this);
  }

  private void forgetValue() {
    good = Optional.empty();
    pause = PAUSE_MIN;
    input.set(unknown());
  }

  // The monitor's thread.

  private void drive(long number) {
    do {
      enable(number);
    } while (isNeededAgain());
    evaluation.post(this::forgetIfIdle);
  }

  /** Whether to go on; if not, this thread is the monitor's no more. */
  private boolean isNeededAgain() {
    lock.lock();
    try {
      if (!needed) {
        thread = null;
      }
      return needed;
    } finally {
      lock.unlock();
    }
  }

  // The boundary to the monitor's code. An interruption is the engine closing, or a whim of that
  // code: in either case there is nothing to do but to look whether it is still needed.
  @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
  private void enable(long number) {
    AutoCloseable watch;
    try {
      watch = monitor.watch(this::refresh);
    } catch (Exception | Error e) {
      long ticket = awaitTicket();
      if (ticket >= 0) {
        report(number, ticket, failure(e));
        awaitChange(ticket);
      }
      return;
    }
    try {
      long ticket;
      while ((ticket = awaitTicket()) >= 0) {
        Outcome<T> outcome = read();
        if (isNeeded()) {
          report(number, ticket, outcome);
        }
      }
    } finally {
      // Ending the watch may need to block: it has the time that closing gives it.
      boolean _ = Thread.interrupted();
      try {
        watch.close();
      } catch (Exception | Error e) {
        LOG.warn("Cannot end watching {}", label, e);
      }
    }
  }

  // The boundary to the monitor's code.
  @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
  private Outcome<T> read() {
    try {
      return Outcome.ok(monitor.read());
    } catch (Exception | Error e) {
      return failure(e);
    }
  }

  private boolean isNeeded() {
    lock.lock();
    try {
      return needed;
    } finally {
      lock.unlock();
    }
  }

  private static <T> Outcome<T> failure(Throwable e) {
    return switch (e) {
      case JobFailedException _ -> Outcome.failed(Traces.rootMessage(e));
      case RuntimeException _, Error _ -> Outcome.error(e);
      default ->
          new Outcome.Failed<>(
              e.getMessage() == null ? Traces.headline(e) : e.getMessage(),
              Outcome.Kind.ERROR,
              Optional.empty());
    };
  }

  /** Waits for a ticket that is not served, and takes it; -1 when not needed any more. */
  private long awaitTicket() {
    lock.lock();
    try {
      while (needed && taken == tickets) {
        changed.awaitUninterruptibly();
      }
      taken = tickets;
      return needed ? taken : -1;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is a newer ticket, or it is not needed any more; takes nothing. */
  private void awaitChange(long ticket) {
    lock.lock();
    try {
      while (needed && tickets == ticket) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  // The end of the engine, on the thread that closes it.

  /** Has the thread end, and none start any more. */
  void close() {
    Thread running;
    lock.lock();
    try {
      closed = true;
      needed = false;
      running = thread;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (running != null) {
      running.interrupt();
    }
  }

  /** Waits for the thread; says whether it ended by the deadline. */
  boolean join(Deadline deadline) {
    Thread running;
    lock.lock();
    try {
      running = thread;
    } finally {
      lock.unlock();
    }
    if (running == null || deadline.join(running)) {
      return true;
    }
    LOG.error("The monitor of {} does not stop: it is left behind", label);
    return false;
  }
}
