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

  // Shared with the monitor's thread, under the lock; nothing else happens while it is held.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean needed;
  private long tickets;
  private long taken;
  private @Nullable Thread thread;

  /** What stages see. */
  record View<T>(Outcome<T> outcome, SourceView source) {}

  MonitorInput(String label, Monitor<T> monitor, Evaluation evaluation) {
    this.label = label;
    this.monitor = monitor;
    this.evaluation = evaluation;
    this.input = evaluation.graph().input(unknown());
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
      if (use == needed) {
        return;
      }
      needed = use;
      if (needed) {
        tickets++;
        if (thread == null) {
          starts = true;
          thread = Thread.ofVirtual().name("monitor " + label).unstarted(this::drive);
          thread.start();
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (starts) {
      // What was seen before it stopped may be long out of date.
      good = Optional.empty();
      input.set(unknown());
    }
  }

  /** Whether there is something to read that has not been. */
  boolean isBusy() {
    lock.lock();
    try {
      return needed && served < tickets;
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
    if (isBusy()) {
      View<T> now = input.get();
      input.set(
          new View<>(
              now.outcome, new SourceView(Optional.of(StageState.RUNNING), now.source.stale())));
    }
  }

  private void report(long ticket, Outcome<T> outcome) {
    evaluation.post(() -> take(ticket, outcome));
  }

  private void take(long ticket, Outcome<T> outcome) {
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
    evaluation.at(evaluation.clock().instant().plus(pause), () -> retry(ticket));
    Duration doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }

  private void retry(long failedTicket) {
    if (served == failedTicket && giveTicket()) {
      showRefresh();
    }
  }

  private void forget() {
    lock.lock();
    try {
      if (thread != null) {
        return;
      }
    } finally {
      lock.unlock();
    }
    good = Optional.empty();
    input.set(unknown());
  }

  // The monitor's thread.

  private void drive() {
    try {
      do {
        enable();
      } while (isNeededAgain());
      evaluation.post(this::forget);
    } catch (InterruptedException e) {
      // The engine closes.
      Thread.currentThread().interrupt();
    }
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

  // The boundary to the monitor's code.
  @SuppressWarnings("CatchingUnchecked")
  private void enable() throws InterruptedException {
    AutoCloseable watch;
    try {
      watch = monitor.watch(this::refresh);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      long ticket = awaitTicket();
      if (ticket >= 0) {
        report(ticket, failure(e));
        awaitChange(ticket);
      }
      return;
    }
    try {
      long ticket;
      while ((ticket = awaitTicket()) >= 0) {
        report(ticket, read());
      }
    } finally {
      try {
        watch.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("Cannot end watching {}", label, e);
      }
    }
  }

  // The boundary to the monitor's code.
  @SuppressWarnings("CatchingUnchecked")
  private Outcome<T> read() throws InterruptedException {
    try {
      return Outcome.ok(monitor.read());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | StackOverflowError | AssertionError | LinkageError e) {
      return failure(e);
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
  private long awaitTicket() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (needed && taken == tickets) {
        changed.await();
      }
      taken = tickets;
      return needed ? taken : -1;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is a newer ticket, or it is not needed any more; takes nothing. */
  private void awaitChange(long ticket) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (needed && tickets == ticket) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread, waiting up to {@code patience}. */
  void close(Duration patience) throws InterruptedException {
    Thread running;
    lock.lock();
    try {
      needed = false;
      running = thread;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (running != null) {
      running.interrupt();
      if (!running.join(patience)) {
        LOG.error("The monitor of {} does not stop: it is left behind", label);
      }
    }
  }
}
