package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.HardProblem;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.PackageName;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: whoever waits for a search can end it within a tenth of a second, or say beforehand how
 * long they wait. Method: a universe that takes hours.
 */
class CancellationTest {
  private static final Duration END_MAX = Duration.ofMillis(100);
  private static final Duration WORK = Duration.ofMillis(200);

  /** What can take long. */
  enum Work {
    /** Solving. */
    SOLVE,
    /** Explaining: that there is no solution is clear at once, but not that one fact is why. */
    EXPLAIN;

    boolean within(Solver solver, Duration limit) throws InterruptedException {
      return switch (this) {
        case SOLVE -> solver.solve(request("all"), limit).isPresent();
        case EXPLAIN -> {
          assertThat(solver.find(request("both"))).isEmpty();
          yield solver.findConflict(request("both"), limit).isPresent();
        }
      };
    }
  }

  private static SolveRequest request(String root) {
    return new SolveRequest(
        List.of(PackageName.parse(root)),
        Map.of(),
        Map.of(),
        Set.of(),
        Map.of(),
        Preference.NEWEST,
        Rules.LIBRARY);
  }

  private static Solver solver() {
    return Solver.open(
        OpamRepositories.inMemory(
            SolverTest.universe(
                HardProblem.pigeons(18, 17) + "; both.1: depends: ['all' 'missing']")));
  }

  @ParameterizedTest
  @EnumSource(Work.class)
  void endsWhenTheTimeIsUp(Work work) throws Exception {
    Solver solver = solver();
    long begin = System.nanoTime();

    boolean answered = work.within(solver, WORK);

    assertThat(answered).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(WORK, WORK.multipliedBy(10));
  }

  @ParameterizedTest
  @EnumSource(Work.class)
  void endsWithinATenthOfASecondWhenItIsCancelled(Work work) throws Exception {
    Solver solver = solver();
    AtomicReference<@Nullable Exception> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    boolean _ = work.within(solver, Duration.ofHours(1));
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    while (threads.getThreadCpuTime(thread.threadId()) < WORK.toNanos()) {
      Thread.onSpinWait();
    }
    long cpu = threads.getThreadCpuTime(thread.threadId());

    thread.interrupt();

    long end = cpu;
    while (thread.isAlive()) {
      // Not the time: others may have the machine meanwhile.
      end = Math.max(end, threads.getThreadCpuTime(thread.threadId()));
    }
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(Duration.ofNanos(end - cpu)).isLessThan(END_MAX);
  }
}
