package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Disabled;
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

    @Override
    public String read() throws Exception {
      step("read");
      return answer();
    }

    @Override
    public AutoCloseable watch(Runnable newRefresh) throws Exception {
      refresh.set(newRefresh);
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

  @Disabled("Issue 3: sometimes the last value of the stopped watch is still shown for a round")
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
