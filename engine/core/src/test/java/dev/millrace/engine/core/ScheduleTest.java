package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: outcomes that have expired are shown until there are new ones, and made anew once. */
class ScheduleTest {
  @TempDir Path state;

  private final OneOperation one = new OneOperation();

  @Test
  void anExpiredOutcomeIsShownWhileItIsRefreshed() {
    ManualOperation op = new ManualOperation("op");
    Schedule schedule = Schedule.validFor(Duration.ofSeconds(10));
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op, schedule))) {
      op.pass("a=1", "A");
      engine.awaitSettled();

      engine.advance(Duration.ofSeconds(9));
      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      engine.advance(Duration.ofSeconds(1));
      op.awaitStart("a=1");
      engine.await("the old outcome", o -> o.result() == StageState.PASSED && !o.settled());
      engine.await(
          "a refresh", _ -> engine.node("op").rebuilding().equals(Optional.of(StageState.RUNNING)));
      op.fail("a=1", "gone");

      engine.awaitResult(StageState.FAILED, "gone");
      engine.advance(Duration.ofSeconds(10));
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
      assertThat(op.started()).hasSize(3);
    }
  }

  @Test
  void ofSeveralSchedulesTheShortestHolds() {
    ManualOperation op = new ManualOperation("op");
    Function<Engine, Current<?>> pipeline =
        engine ->
            Current.allDone(
                List.of(
                    engine.run(
                        "long",
                        op,
                        Current.of("a"),
                        Current.of("1"),
                        Schedule.validFor(Duration.ofSeconds(10))),
                    engine.run(
                        "short",
                        op,
                        Current.of("a"),
                        Current.of("1"),
                        Schedule.validFor(Duration.ofSeconds(5)))));
    try (TestEngine engine = TestEngine.start(state, pipeline)) {
      op.pass("a=1", "A");
      engine.awaitSettled();

      engine.advance(Duration.ofSeconds(5));
      op.pass("a=1", "A");
      engine.awaitSettled();

      assertThat(op.started()).containsExactly("a=1", "a=1");
    }
  }

  @Test
  void anOutcomeThatExpiredWhileTheEngineWasDownIsRefreshedInTheBackground() {
    ManualOperation op = new ManualOperation("op");
    Schedule schedule = Schedule.validFor(Duration.ofSeconds(10));
    ManualTime time = ManualTime.atNoon();
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, one.pipeline(op, schedule))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
    }
    time.advance(Duration.ofSeconds(11));

    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, one.pipeline(op, schedule))) {
      op.awaitStart("a=1");
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      op.pass("a=1", "A");
      engine.awaitSettled();
    }
  }

  @Test
  void anExpiredOutcomeWhoseRefreshIsCutShortByTheEndOfTheEngineIsStillShownByTheNext() {
    ManualOperation op = new ManualOperation("op");
    Schedule schedule = Schedule.validFor(Duration.ofSeconds(10));
    ManualTime time = ManualTime.atNoon();
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, one.pipeline(op, schedule))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      engine.advance(Duration.ofSeconds(11));
      op.awaitStart("a=1");
    }

    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, one.pipeline(op, schedule))) {
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      op.pass("a=1", "A");
      engine.awaitSettled();
    }
  }
}
