package dev.millrace.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskScopeTest {
  @Test
  void joinsAllTasks() throws Exception {
    try (TaskScope scope = TaskScope.open("sum")) {
      TaskScope.Task<Integer> one = scope.fork(() -> 1);
      TaskScope.Task<Integer> two = scope.fork(() -> 2);
      scope.join();

      assertThat(one.result() + two.result()).isEqualTo(3);
    }
  }

  @Test
  void aFailureInterruptsTheSiblings() {
    assertThatThrownBy(
            () -> {
              try (TaskScope scope = TaskScope.open("fail")) {
                scope.fork(() -> new CountDownLatch(1).await());
                scope.fork(
                    () -> {
                      throw new IllegalStateException("broken");
                    });
                scope.join();
              }
            })
        .isInstanceOf(TaskScope.TaskFailedException.class)
        .hasRootCauseMessage("broken");
  }

  @Test
  void keepsToItsLimit() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (TaskScope scope = TaskScope.open("limit", 2)) {
      for (int i = 0; i < 50; i++) {
        scope.fork(
            () -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
              running.decrementAndGet();
            });
      }
      scope.join();
    }

    assertThat(most.get()).isBetween(1, 2);
  }
}
