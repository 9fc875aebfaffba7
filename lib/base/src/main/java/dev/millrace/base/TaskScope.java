package dev.millrace.base;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A set of tasks on virtual threads that ends before its owner goes on.
 *
 * <p>Shaped like the JDK's preview {@code StructuredTaskScope}: open it in a try-with-resources
 * statement, {@link #fork} tasks, {@link #join} them. The first task that fails interrupts its
 * siblings; {@link #close} interrupts what still runs and waits for it, so that no thread outlives
 * the block.
 *
 * <pre>{@code
 * try (var scope = TaskScope.open("fetch", 4)) {
 *   var left = scope.fork(() -> read(a));
 *   var right = scope.fork(() -> read(b));
 *   scope.join();
 *   return combine(left.result(), right.result());
 * }
 * }</pre>
 *
 * <p>Owned by the thread that opened it: only {@link Task} accessors may be used elsewhere.
 */
public final class TaskScope implements AutoCloseable {
  private final String name;
  private final Semaphore permits;
  private final List<Task<?>> tasks = new ArrayList<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final Object lock = new Object();
  private @Nullable Throwable firstFailure;
  private boolean cancelled;

  private TaskScope(String name, int limit) {
    this.name = requireNonNull(name);
    this.permits = new Semaphore(limit);
  }

  /**
   * A scope whose threads are called {@code name-1}, {@code name-2} … with at most {@code limit} of
   * them at work at once.
   */
  public static TaskScope open(String name, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit must be at least 1, was " + limit);
    }
    return new TaskScope(name, limit);
  }

  /** A scope without a limit on the tasks at work at once. */
  public static TaskScope open(String name) {
    return open(name, Integer.MAX_VALUE);
  }

  /**
   * Starts a task. After a failure or {@link #cancel} the task is not run and counts as cancelled.
   */
  public <T extends @Nullable Object> Task<T> fork(Callable<T> work) {
    Task<T> task = new Task<>(this, requireNonNull(work));
    synchronized (lock) {
      tasks.add(task);
      task.thread =
          Thread.ofVirtual().name(name + "-" + numbers.incrementAndGet()).unstarted(task::run);
      if (cancelled) {
        task.skipped = true;
        return task;
      }
    }
    task.thread.start();
    return task;
  }

  /** Starts a task without a result. */
  public Task<@Nullable Void> fork(Action work) {
    return this.<@Nullable Void>fork(
        () -> {
          work.run();
          return null;
        });
  }

  /**
   * Waits for all tasks.
   *
   * @throws TaskFailedException if a task failed; its cause is the first failure
   */
  public void join() throws InterruptedException {
    for (Task<?> task : snapshot()) {
      task.await();
    }
    synchronized (lock) {
      if (firstFailure != null) {
        throw new TaskFailedException(name, firstFailure);
      }
    }
  }

  /** Interrupts every task and starts no more. Idempotent; does not wait. */
  public void cancel() {
    List<Task<?>> running;
    synchronized (lock) {
      cancelled = true;
      running = List.copyOf(tasks);
    }
    for (Task<?> task : running) {
      task.interrupt();
    }
  }

  /**
   * Interrupts what still runs and waits until it has ended; an interruption of the caller is kept
   * for later.
   */
  @Override
  public void close() {
    boolean interrupted = false;
    cancel();
    for (Task<?> task : snapshot()) {
      while (true) {
        try {
          task.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Task<?>> snapshot() {
    synchronized (lock) {
      return List.copyOf(tasks);
    }
  }

  private void failed(Throwable failure) {
    synchronized (lock) {
      if (firstFailure == null) {
        firstFailure = failure;
      } else if (!firstFailure.equals(failure)) {
        firstFailure.addSuppressed(failure);
      }
    }
    cancel();
  }

  /** Work that may fail and has no result. */
  @FunctionalInterface
  public interface Action {
    /** Does the work. */
    void run() throws Exception;
  }

  /** One forked task. */
  public static final class Task<T extends @Nullable Object> {
    private final TaskScope scope;
    private final Callable<T> work;
    private Thread thread = Thread.currentThread();
    private boolean skipped;
    private volatile boolean succeeded;
    // Written once by the task's thread before `succeeded`, read only after it.
    private @Nullable T result;

    private Task(TaskScope scope, Callable<T> work) {
      this.scope = scope;
      this.work = work;
    }

    // The boundary of a task: whatever it throws is recorded and reported by join.
    @SuppressWarnings("InterruptedExceptionSwallowed")
    private void run() {
      boolean permit = false;
      try {
        scope.permits.acquire();
        permit = true;
        result = work.call();
        succeeded = true;
      } catch (Throwable failure) {
        boolean wasCancelled;
        synchronized (scope.lock) {
          wasCancelled = scope.cancelled && failure instanceof InterruptedException;
        }
        if (!wasCancelled) {
          scope.failed(failure);
        }
      } finally {
        if (permit) {
          scope.permits.release();
        }
      }
    }

    private void await() throws InterruptedException {
      if (!skipped) {
        thread.join();
      }
    }

    private void interrupt() {
      if (!skipped) {
        thread.interrupt();
      }
    }

    /**
     * The task's result, after {@link TaskScope#join}.
     *
     * @throws IllegalStateException if the task has not succeeded
     */
    @SuppressWarnings("NullAway") // T itself says whether a result may be null.
    public T result() {
      if (!succeeded) {
        throw new IllegalStateException(
            "The task has no result: it failed, was cancelled, or still runs");
      }
      return result;
    }
  }

  /** A task of a scope failed; the cause is what it threw. */
  public static final class TaskFailedException extends RuntimeException {
    private TaskFailedException(String scope, Throwable cause) {
      super("A task of \"%s\" failed: %s".formatted(scope, cause), cause);
    }

    /** What the task threw. */
    public Throwable failure() {
      return requireNonNull(getCause());
    }
  }
}
