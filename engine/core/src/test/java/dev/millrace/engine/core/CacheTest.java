package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.millrace.engine.core.EngineControl.ActionResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: operations behave as the original's cache does: what is kept, shown and done again. Method:
 * a real engine whose operations end when the test says so.
 */
class CacheTest {
  @TempDir Path state;

  private final OneOperation one = new OneOperation();

  private static ActionResult.Accepted accepted(ActionResult result) {
    assertThat(result).isInstanceOf(ActionResult.Accepted.class);
    return (ActionResult.Accepted) result;
  }

  @Test
  void aValueThatWasReachedIsNotWorkedForAgain() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
      one.value().set("2");
      op.pass("a=2", "A2");
      engine.awaitSettled();
      one.key().set("b");
      op.pass("b=2", "B");
      engine.awaitSettled();
      one.key().set("a");
      engine.awaitResult(StageState.PASSED);

      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=2", "b=2");
    }
  }

  @Test
  void aRebuildDoesTheWorkAgainAndHidesTheOldOutcome() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      JobSummary first = engine.job("op");
      assertThat(first.canRebuild()).isTrue();

      JobId second = accepted(engine.control().rebuild(first.id(), "mia")).job();
      engine.awaitResult(StageState.RUNNING);
      assertThat(accepted(engine.control().rebuild(second, "mia")).job()).isEqualTo(second);
      assertThat(engine.control().rebuild(first.id(), "mia"))
          .isInstanceOf(ActionResult.Refused.class);
      op.pass("a=1", "A2");
      engine.awaitResult(StageState.PASSED);

      List<JobSummary> history = engine.control().listHistory(second, 10);
      assertThat(history).extracting(JobSummary::build).containsExactly(1L, 0L);
      assertThat(history).extracting(JobSummary::live).containsExactly(true, false);
    }
  }

  @Test
  void aRebuildThatIsKilledIsMadeUpForAfterARestart() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      accepted(engine.control().rebuild(engine.job("op").id(), "mia"));
      op.awaitStart("a=1");
    }

    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A2");
      engine.awaitResult(StageState.PASSED);

      assertThat(engine.control().listHistory(engine.job("op").id(), 10))
          .extracting(JobSummary::state, JobSummary::build)
          .containsExactly(
              tuple(StageState.PASSED, 2L),
              tuple(StageState.ERROR, 1L),
              tuple(StageState.PASSED, 0L));
    }
  }

  @Test
  void whatIsKnownIsShownFromTheFirstMoment() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
    }

    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      assertThat(engine.control().overview().settled()).isTrue();
    }
  }

  @Test
  void aDiagramShowsNothingWhoseRecordIsStillBeingRead() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ManualOperation slow =
        new ManualOperation("op") {
          @Override
          public String decode(String text) {
            reading.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return super.decode(text);
          }
        };
    try (TestEngine engine = TestEngine.start(state, one.pipeline(slow))) {
      slow.pass("a=1", "A");
      engine.awaitSettled();
      one.key().set("b");
      slow.pass("b=1", "B");
      engine.awaitSettled();
      one.key().set("a");
      reading.await();

      AtomicReference<StageState> drawn = new AtomicReference<>();
      Thread asker = Thread.ofPlatform().start(() -> drawn.set(engine.node("op").state()));
      await().until(() -> asker.getState() == Thread.State.TIMED_WAITING || !asker.isAlive());
      // This is dealt with at once and in order: so has been what was asked before it.
      assertThat(engine.control().rebuild(JobId.parse("2026-01-01/000000-op-000000"), "mia"))
          .isInstanceOf(ActionResult.Refused.class);
      goOn.countDown();
      asker.join();

      assertThat(drawn.get()).isEqualTo(StageState.PASSED);
    }
  }

  @Test
  void aFailureIsKeptUntilTheValueChangesAlsoAcrossARestart() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.fail("a=1", "broken");
      engine.awaitResult(StageState.FAILED, "broken");
    }

    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      assertThat(engine.awaitSettled().message()).contains("broken");
      one.value().set("2");
      op.pass("a=2", "A2");
      engine.awaitResult(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=2");
    }
  }

  @Test
  void anOutcomeThatCannotBeDecodedIsMadeAgain() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "undecodable");
      engine.awaitSettled();
    }

    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
    }
  }

  @Test
  void invalidatingDoesTheWorkAgainNowOrAfterARestart() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      engine.engine().invalidate(op, "a");
      op.pass("a=1", "A");
      engine.awaitSettled();
      one.key().set("b");
      op.pass("b=1", "B");
      engine.awaitSettled();
      engine.engine().invalidate(op, "a");
      // Forgotten for ever when it returns: it is on the disk.
      assertThat(engine.control().countJobs(JobQuery.newest(9).withOutdated(true))).isEqualTo(2);
      one.key().set("a");
      op.pass("a=1", "A");
      engine.awaitSettled();
    }
    assertThat(op.started()).containsExactly("a=1", "a=1", "b=1", "a=1");
  }

  @Test
  void theEnginesOwnThreadIsNotLetWaitForItself() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(
            state,
            made ->
                Current.of("a")
                    .map(
                        name -> {
                          made.invalidate(op, name);
                          return name;
                        }))) {
      EngineControl.Overview overview = engine.awaitSettled();
      assertThat(overview.message().orElseThrow())
          .contains("The engine's own thread cannot wait for itself");
    }
  }

  @Test
  void aSkippedJobIsNoFailureAndIsRemembered() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.skip("a=1", "no tool");
      engine.awaitResult(StageState.SKIPPED, "no tool");
    }
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      assertThat(engine.awaitSettled().message()).contains("no tool");
      assertThat(engine.job("op").state()).isEqualTo(StageState.SKIPPED);
      assertThat(op.started()).containsExactly("a=1");
    }
  }
}
