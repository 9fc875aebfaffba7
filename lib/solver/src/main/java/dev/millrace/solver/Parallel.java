package dev.millrace.solver;

import dev.millrace.base.TaskScope;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Does the same with each of many things, some at a time. */
final class Parallel {
  private Parallel() {}

  /** What is done with one of them. */
  interface Work<T> {
    void with(T item) throws InterruptedException;
  }

  /**
   * Does it, in the order of the list as far as that goes.
   *
   * @throws SolverException the first one that the work threw, which ends all of it
   * @throws InterruptedException if the caller is interrupted, which ends all of it
   */
  static <T> void each(List<T> items, int threads, Work<T> work) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    try (TaskScope scope = TaskScope.open("solver", threads)) {
      for (int i = 0; i < Math.min(threads, items.size()); i++) {
        scope.fork(
            () -> {
              for (int at = next.getAndIncrement();
                  at < items.size();
                  at = next.getAndIncrement()) {
                work.with(items.get(at));
              }
            });
      }
      scope.join();
    } catch (TaskScope.TaskFailedException e) {
      if (e.getCause() instanceof SolverException cause) {
        throw new SolverException(String.valueOf(cause.getMessage()), cause);
      }
      throw e;
    }
  }
}
