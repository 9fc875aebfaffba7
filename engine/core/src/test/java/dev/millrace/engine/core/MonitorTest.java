package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.EngineControl.ActionResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: the races of inputs come out as the table of {@link MonitorInput} says. */
class MonitorTest {
  @TempDir Path state;

  private final ManualMonitor monitor = new ManualMonitor();
  private final AtomicReference<Variable<Boolean>> wanted = new AtomicReference<>();

  /** A monitor whose every step waits for the test. */
  private static final class ManualMonitor implements Monitor<String> {
    private final BlockingQueue<String> steps = new LinkedBlockingQueue<>();
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final AtomicReference<Runnable> refresh = new AtomicReference<>(() -> {});
    private final AtomicReference<Thread> thread = new AtomicReference<>(Thread.currentThread());

    @Override
    public String read() throws Exception {
      step("read");
      return answer();
    }

    @Override
    public AutoCloseable watch(Runnable newRefresh) throws Exception {
      refresh.set(newRefresh);
      thread.set(Thread.currentThread());
      step("watch");
      String _ = answer();
      return () -> {
        step("unwatch");
        String _ = answer();
      };
    }

    private void step(String name) {
      steps.add(name);
    }

    private String answer() throws Exception {
      return answers.take().orElseThrow(() -> new IOException("cannot read"));
    }

    /** Waits for the next step, and lets it end with this. */
    void expect(String step, String answer) throws InterruptedException {
      expect(step, Optional.of(answer));
    }

    void expectFailure(String step) throws InterruptedException {
      expect(step, Optional.empty());
    }

    private void expect(String step, Optional<String> answer) throws InterruptedException {
      awaitStep(step);
      answers.add(answer);
    }

    void awaitStep(String step) throws InterruptedException {
      assertThat(steps.poll(20, TimeUnit.SECONDS)).isEqualTo(step);
    }
  }

  private Current<?> whileWanted(Engine engine) {
    wanted.set(engine.variable("wanted", Outcome.ok(true)));
    return wanted
        .get()
        .current()
        .flatMap(
            yes ->
                yes
                    ? engine.monitor("head", monitor).flatMap(v -> Current.<String>failed(v))
                    : Current.of("idle"));
  }

  @Test
  void watchesBeforeItReadsAndReadsOnceForManyRefreshes() throws Exception {
    try (TestEngine engine = TestEngine.start(state, this::whileWanted)) {
      monitor.expect("watch", "");
      monitor.awaitStep("read");
      assertThat(engine.control().overview().settled()).isFalse();
      monitor.refresh.get().run();
      monitor.refresh.get().run();
      monitor.refresh.get().run();
      monitor.answers.add(Optional.of("one"));
      monitor.expect("read", "two");
      engine.awaitResult(StageState.FAILED, "two");
      engine.awaitSettled();
      assertThat(monitor.steps).isEmpty();

      monitor.answers.add(Optional.of(""));
    }
    monitor.awaitStep("unwatch");
  }

  @Test
  void aRefreshIsNotSettledUntilItIsRead() throws Exception {
    try (TestEngine engine = TestEngine.start(state, this::whileWanted)) {
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitSettled();

      monitor.refresh.get().run();

      assertThat(engine.control().overview().settled()).isFalse();
      monitor.expect("read", "two");
      assertThat(engine.awaitSettled().message()).contains("two");
      monitor.answers.add(Optional.of(""));
    }
  }

  @Test
  void afterAFullStopItShowsNothingOld() throws Exception {
    try (TestEngine engine = TestEngine.start(state, this::whileWanted)) {
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitResult(StageState.FAILED, "one");
      wanted.get().set(false);
      monitor.expect("unwatch", "");
      engine.awaitSettled();

      wanted.get().set(true);
      monitor.awaitStep("watch");
      engine.awaitResult(StageState.RUNNING);
      monitor.answers.add(Optional.of(""));
      monitor.expect("read", "two");
      engine.awaitResult(StageState.FAILED, "two");
      monitor.answers.add(Optional.of(""));
    }
  }

  @Test
  void itIsNotSettledWhileAWatchIsEnded() throws Exception {
    try (TestEngine engine = TestEngine.start(state, this::whileWanted)) {
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitResult(StageState.FAILED, "one");
      wanted.get().set(false);
      engine.awaitResult(StageState.PASSED);
      monitor.awaitStep("unwatch");

      assertThat(engine.control().overview().settled()).isFalse();

      monitor.answers.add(Optional.of(""));
      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
    }
  }

  /**
   * The evaluation is held up in the round in which the monitor is wanted again; meanwhile what is
   * left of its first life ends.
   */
  @Test
  void whatAStoppedWatchReadLastIsNotShownByTheNext() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<Variable<Integer>> life = new AtomicReference<>();
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              life.set(e.variable("life", Outcome.ok(1)));
              return life.get()
                  .current()
                  .flatMap(
                      number -> {
                        if (number == 2) {
                          held.countDown();
                          awaitQuietly(goOn);
                        }
                        return number > 0 ? e.monitor("head", monitor) : Current.of("idle");
                      });
            })) {
      monitor.expect("watch", "");
      monitor.awaitStep("read");
      life.get().set(0);
      engine.awaitResult(StageState.PASSED);
      life.get().set(2);
      held.await();
      monitor.answers.add(Optional.of("old"));
      monitor.expect("unwatch", "");
      monitor.thread.get().join();
      goOn.countDown();
      monitor.awaitStep("watch");

      // The first is answered in the round that gets all that was said before, the second after it.
      for (int i = 0; i < 2; i++) {
        assertThat(engine.control().rebuild(JobId.parse("2026-01-01/000000-op-000000"), "mia"))
            .isInstanceOf(ActionResult.Refused.class);
      }
      assertThat(engine.control().overview().result()).isEqualTo(StageState.RUNNING);
      monitor.answers.add(Optional.of(""));
      monitor.expect("read", "new");
      engine.awaitResult(StageState.PASSED);
      monitor.answers.add(Optional.of(""));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aWatchThatBreaksIsShownAndTriedAgain() throws Exception {
    AtomicReference<Boolean> broken = new AtomicReference<>(true);
    Monitor<String> breaking =
        new Monitor<>() {
          @Override
          public String read() {
            return "value";
          }

          @Override
          public AutoCloseable watch(Runnable refresh) {
            if (broken.get()) {
              throw new NoClassDefFoundError("gone");
            }
            return () -> {};
          }
        };
    try (TestEngine engine = TestEngine.start(state, e -> e.monitor("head", breaking))) {
      engine.awaitResult(StageState.ERROR, "java.lang.NoClassDefFoundError: gone");
      engine.awaitSettled();
      broken.set(false);
      engine.advance(Duration.ofSeconds(1));

      engine.awaitResult(StageState.PASSED);
    }
  }

  @Test
  void whatIsWantedAgainWhileItStopsStartsAgainAfterwards() throws Exception {
    try (TestEngine engine = TestEngine.start(state, this::whileWanted)) {
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitResult(StageState.FAILED, "one");
      wanted.get().set(false);
      monitor.awaitStep("unwatch");
      wanted.get().set(true);
      engine.awaitResult(StageState.FAILED, "one");
      monitor.answers.add(Optional.of(""));

      monitor.expect("watch", "");
      monitor.expect("read", "two");
      engine.awaitResult(StageState.FAILED, "two");
      monitor.answers.add(Optional.of(""));
    }
  }

  @Test
  void whatIsNotWantedAnyMoreWhileItStartsStopsWithoutReading() throws Exception {
    try (TestEngine engine = TestEngine.start(state, this::whileWanted)) {
      monitor.awaitStep("watch");
      wanted.get().set(false);
      engine.awaitResult(StageState.PASSED);
      monitor.answers.add(Optional.of(""));
      monitor.expect("unwatch", "");
      engine.awaitSettled();
      assertThat(monitor.steps).isEmpty();
    }
  }

  @Test
  void aFailedRefreshKeepsTheLastGoodValueAndIsTriedAgain() throws Exception {
    try (TestEngine engine = TestEngine.start(state, e -> e.monitor("head", monitor))) {
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitSettled();
      monitor.refresh.get().run();
      monitor.expectFailure("read");

      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      Diagram.Node node = node(engine);
      assertThat(node.state()).isEqualTo(StageState.PASSED);
      assertThat(node.message()).contains("Not up to date, the last refresh failed: cannot read");

      engine.advance(Duration.ofSeconds(1));
      monitor.expectFailure("read");
      engine.awaitSettled();
      engine.advance(Duration.ofSeconds(1));
      engine.awaitSettled();
      assertThat(monitor.steps).isEmpty();
      engine.advance(Duration.ofSeconds(1));
      monitor.expect("read", "two");
      engine.await("no complaint", _ -> node(engine).message().isEmpty());
      monitor.answers.add(Optional.of(""));
    }
  }

  private static Diagram.Node node(TestEngine engine) {
    return engine.control().diagram(Set.of(), Set.of()).nodes().getFirst();
  }

  @Test
  void aFirstReadThatFailsShowsWhyAndIsTriedAgain() throws Exception {
    try (TestEngine engine = TestEngine.start(state, e -> e.monitor("head", monitor))) {
      monitor.expect("watch", "");
      monitor.expectFailure("read");
      engine.awaitResult(StageState.ERROR, "cannot read");
      engine.awaitSettled();

      engine.advance(Duration.ofSeconds(1));
      monitor.expect("read", "one");
      engine.awaitResult(StageState.PASSED);
      monitor.answers.add(Optional.of(""));
    }
  }

  @Test
  void aWatchThatFailsIsTriedAgain() throws Exception {
    try (TestEngine engine = TestEngine.start(state, e -> e.monitor("head", monitor))) {
      monitor.expectFailure("watch");
      engine.awaitResult(StageState.ERROR, "cannot read");

      engine.advance(Duration.ofSeconds(1));
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitResult(StageState.PASSED);
      monitor.answers.add(Optional.of(""));
    }
  }

  @Test
  void stagesShareTheReadsOfOneMonitor() throws Exception {
    List<Current<String>> stages = new ArrayList<>();
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              stages.add(e.monitor("left", monitor));
              stages.add(e.monitor("right", monitor));
              return Current.all(stages);
            })) {
      monitor.expect("watch", "");
      monitor.expect("read", "one");
      engine.awaitResult(StageState.PASSED);
      engine.awaitSettled();
      assertThat(monitor.steps).isEmpty();
      monitor.answers.add(Optional.of(""));
    }
  }
}
