package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.EngineControl.ActionResult;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.ManualOperation.Traits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: operations behave as the original's cache does: what is kept, shown, stopped and done
 * again. Method: a real engine whose operations end when the test says so.
 */
class CacheTest {
  @TempDir Path state;

  private final AtomicReference<Variable<String>> key = new AtomicReference<>();
  private final AtomicReference<Variable<String>> value = new AtomicReference<>();

  /** A pipeline of one operation on a key and a value that the test sets; starts as "a" and "1". */
  private Function<Engine, Current<?>> oneOperation(ManualOperation operation) {
    return oneOperation(operation, Schedule.ALWAYS);
  }

  private Function<Engine, Current<?>> oneOperation(ManualOperation operation, Schedule schedule) {
    return engine -> {
      key.set(engine.variable("key", Outcome.ok("a")));
      value.set(engine.variable("value", Outcome.ok("1")));
      return engine.run(
          operation.id(), operation, key.get().current(), value.get().current(), schedule);
    };
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static ActionResult.Accepted accepted(ActionResult result) {
    assertThat(result).isInstanceOf(ActionResult.Accepted.class);
    return (ActionResult.Accepted) result;
  }

  private static StageState state(TestEngine engine, String label) {
    return engine.control().diagram(Set.of(), Set.of()).nodes().stream()
        .filter(node -> node.label().equals(label))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private static Optional<StageState> rebuilding(TestEngine engine, String label) {
    return engine.control().diagram(Set.of(), Set.of()).nodes().stream()
        .filter(node -> node.label().equals(label))
        .findFirst()
        .orElseThrow()
        .rebuilding();
  }

  @Test
  void aValueThatWasReachedIsNotWorkedForAgain() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
      value.get().set("2");
      op.pass("a=2", "A2");
      engine.awaitSettled();
      key.get().set("b");
      op.pass("b=2", "B");
      engine.awaitSettled();
      key.get().set("a");
      engine.awaitResult(StageState.PASSED);

      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=2", "b=2");
    }
  }

  @Test
  void aRebuildDoesTheWorkAgainAndHidesTheOldOutcome() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
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
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      accepted(engine.control().rebuild(engine.job("op").id(), "mia"));
      op.awaitStart("a=1");
    }

    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
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
  void anExpiredOutcomeIsShownWhileItIsRefreshed() {
    ManualOperation op = new ManualOperation("op");
    Schedule schedule = Schedule.validFor(Duration.ofSeconds(10));
    try (TestEngine engine = TestEngine.start(state, oneOperation(op, schedule))) {
      op.pass("a=1", "A");
      engine.awaitSettled();

      engine.advance(Duration.ofSeconds(9));
      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      engine.advance(Duration.ofSeconds(1));
      op.awaitStart("a=1");
      engine.await("the old outcome", o -> o.result() == StageState.PASSED && !o.settled());
      engine.await(
          "a refresh", _ -> rebuilding(engine, "op").equals(Optional.of(StageState.RUNNING)));
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
        TestEngine.start(state, time, config -> config, oneOperation(op, schedule))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
    }
    time.advance(Duration.ofSeconds(11));

    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, oneOperation(op, schedule))) {
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
        TestEngine.start(state, time, config -> config, oneOperation(op, schedule))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      engine.advance(Duration.ofSeconds(11));
      op.awaitStart("a=1");
    }

    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, oneOperation(op, schedule))) {
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      op.pass("a=1", "A");
      engine.awaitSettled();
    }
  }

  @Test
  void whatIsKnownIsShownFromTheFirstMoment() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
    }

    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
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
    try (TestEngine engine = TestEngine.start(state, oneOperation(slow))) {
      slow.pass("a=1", "A");
      engine.awaitSettled();
      key.get().set("b");
      slow.pass("b=1", "B");
      engine.awaitSettled();
      key.get().set("a");
      reading.await();

      AtomicReference<StageState> drawn = new AtomicReference<>();
      Thread asker = Thread.ofPlatform().start(() -> drawn.set(state(engine, "op")));
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
  void whatIsNotWantedAnyMoreIsStoppedAndStartedAfreshWhenWantedAgain() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withAutoCancel());
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.awaitStart("a=1");
      JobId first = engine.job("op").id();
      key.get().set(Outcome.active(Activity.READY));
      engine.await("the job to go", _ -> op.running().isEmpty());
      engine.awaitSettled();
      assertThat(engine.control().findJob(first).orElseThrow().state())
          .isEqualTo(StageState.CANCELLED);
      assertThat(engine.log(first))
          .endsWith("Job cancelled: Cancelled: nothing needs it any more\n");

      key.get().set("a");
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=1");
    }
  }

  @Test
  void whatIsWantedAgainBeforeItHasStoppedIsStillDoneOnce() {
    ManualOperation op =
        new ManualOperation("op", Traits.PLAIN.withAutoCancel().withStubbornness());
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.awaitStart("a=1");
      JobId first = engine.job("op").id();
      key.get().set(Outcome.active(Activity.READY));
      engine.await(
          "the job to be told to stop",
          _ ->
              engine
                  .control()
                  .findJob(first)
                  .orElseThrow()
                  .message()
                  .equals(Optional.of("Cancelled: nothing needs it any more")));
      key.get().set("a");
      engine.awaitResult(StageState.RUNNING);
      assertThat(op.started()).containsExactly("a=1");

      // What the stopped run comes to does not count; two runs at once would fail inside it.
      op.pass("a=1", "old");
      op.pass("a=1", "A");
      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=1");
      assertThat(engine.control().listHistory(first, 9))
          .extracting(JobSummary::state)
          .containsExactly(StageState.PASSED, StageState.CANCELLED);
    }
  }

  @Test
  void withoutAutoCancelAJobThatIsNotWantedRunsOnAndItsOutcomeIsKept() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.awaitStart("a=1");
      key.get().set(Outcome.active(Activity.READY));
      engine.awaitResult(StageState.QUEUED);
      op.pass("a=1", "A");
      engine.awaitSettled();
      key.get().set("a");
      engine.awaitResult(StageState.PASSED);
      engine.awaitSettled();

      assertThat(op.started()).containsExactly("a=1");
    }
  }

  @Test
  void anotherValueWaitsForTheRunningJobWithoutAutoCancel() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.awaitStart("a=1");
      value.get().set("2");
      op.pass("a=1", "A");
      op.pass("a=2", "A2");
      engine.awaitSettled();

      assertThat(op.started()).containsExactly("a=1", "a=2");
    }
  }

  @Test
  void anotherValueStopsTheRunningJobWithAutoCancel() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withAutoCancel());
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.awaitStart("a=1");
      value.get().set("2");
      op.pass("a=2", "A2");
      engine.awaitResult(StageState.PASSED);

      assertThat(op.started()).containsExactly("a=1", "a=2");
      assertThat(engine.control().listHistory(engine.job("op").id(), 9))
          .extracting(JobSummary::state)
          .containsExactly(StageState.PASSED, StageState.CANCELLED);
    }
  }

  @Test
  void aFailureOfAnOldValueDoesNotShowForTheNewOne() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.awaitStart("a=1");
      value.get().set("2");
      op.fail("a=1", "stale");
      op.awaitStart("a=2");
      assertThat(engine.awaitResult(StageState.RUNNING).counts().of(StageState.FAILED)).isZero();
      op.pass("a=2", "A2");
      engine.awaitResult(StageState.PASSED);
    }
  }

  @Test
  void aFailureWhoseValueIsWantedAgainByTheTimeItIsHeardOfIsNotWorkedForAgain() throws Exception {
    ManualOperation op = new ManualOperation("op");
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Function<Engine, Current<?>> pipeline =
        engine -> {
          Current<?> outcome = oneOperation(op).apply(engine);
          Current<Boolean> gate =
              value
                  .get()
                  .current()
                  .map(
                      wanted -> {
                        if (wanted.equals("2")) {
                          reached.countDown();
                          awaitQuietly(released);
                        }
                        return true;
                      });
          return Current.allDone(List.of(outcome, gate));
        };
    try (TestEngine engine = TestEngine.start(state, pipeline)) {
      op.awaitStart("a=1");
      value.get().set("2");
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      op.fail("a=1", "broken");
      await().until(() -> engine.job("op").state() == StageState.FAILED);
      value.get().set("1");
      released.countDown();

      engine.awaitResult(StageState.FAILED, "broken");
      engine.awaitSettled();
      assertThat(op.started()).containsExactly("a=1");
    }
  }

  @Test
  void aFailureIsKeptUntilTheValueChangesAlsoAcrossARestart() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.fail("a=1", "broken");
      engine.awaitResult(StageState.FAILED, "broken");
    }

    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      assertThat(engine.awaitSettled().message()).contains("broken");
      value.get().set("2");
      op.pass("a=2", "A2");
      engine.awaitResult(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=2");
    }
  }

  @Test
  void theOutcomeOfAnOldValueIsNeverReadTogetherWithTheNewOne() {
    ManualOperation plan = new ManualOperation("plan");
    ManualOperation work = new ManualOperation("work");
    try (TestEngine engine =
        TestEngine.start(
            state,
            made -> {
              Variable<String> commit = made.variable("commit", Outcome.ok("1"));
              value.set(commit);
              Current<String> planned = made.run("plan", plan, Current.of("p"), commit.current());
              return made.run(
                  "work",
                  work,
                  Current.of("w"),
                  Current.zip(commit.current(), planned, (c, p) -> c + " by " + p));
            })) {
      plan.pass("p=1", "plan 1");
      work.pass("w=1 by plan 1", "done");
      engine.awaitResult(StageState.PASSED);
      value.get().set("2");
      plan.pass("p=2", "plan 2");
      work.pass("w=2 by plan 2", "done");
      engine.awaitResult(StageState.PASSED);

      assertThat(work.started()).containsExactly("w=1 by plan 1", "w=2 by plan 2");
    }
  }

  @Test
  void aLatchedOutcomeIsShownWhileAnotherValueIsWorkedFor() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withLatched());
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      value.get().set("2");
      op.awaitStart("a=2");
      engine.await(
          "a refresh", _ -> rebuilding(engine, "op").equals(Optional.of(StageState.RUNNING)));
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);

      // Another key is another thing: nothing of it is latched.
      key.get().set("b");
      engine.awaitResult(StageState.RUNNING);
      op.pass("b=2", "B");
      op.pass("a=2", "A2");
      engine.awaitSettled();
    }
  }

  @Test
  void latchedWithAutoCancelReplacesTheRunAndKeepsShowingTheOldOutcome() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withLatched().withAutoCancel());
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      value.get().set("2");
      op.awaitStart("a=2");
      value.get().set("3");
      op.awaitStart("a=3");
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      op.pass("a=3", "A3");
      engine.awaitSettled();
      assertThat(op.started()).containsExactly("a=1", "a=2", "a=3");
    }
  }

  @Test
  void anOutcomeThatCannotBeDecodedIsMadeAgain() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "undecodable");
      engine.awaitSettled();
    }

    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
    }
  }

  @Test
  void invalidatingDoesTheWorkAgainNowOrAfterARestart() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      engine.engine().invalidate(op, "a");
      op.pass("a=1", "A");
      engine.awaitSettled();
      key.get().set("b");
      op.pass("b=1", "B");
      engine.awaitSettled();
      engine.engine().invalidate(op, "a");
      // Forgotten for ever when it returns: it is on the disk.
      assertThat(engine.control().countJobs(JobQuery.newest(9).withOutdated(true))).isEqualTo(2);
      key.get().set("a");
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
  void stagesThatWantDifferentValuesOfOneKeyFailAndTheEngineGoesOn() {
    ManualOperation op = new ManualOperation("op");
    Function<Engine, Current<?>> pipeline =
        engine -> {
          value.set(engine.variable("value", Outcome.ok("1")));
          return Current.allDone(
              List.of(
                  engine.run("one", op, Current.of("a"), Current.of("1")),
                  engine.run("two", op, Current.of("a"), value.get().current())));
        };
    try (TestEngine engine = TestEngine.start(state, pipeline)) {
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
      value.get().set("2");

      Overview conflict = engine.awaitResult(StageState.ERROR);
      assertThat(conflict.message().orElseThrow())
          .contains("Conflict")
          .contains("op a=2")
          .contains("1, 2");
      assertThat(conflict.counts().of(StageState.ERROR)).isEqualTo(2);

      value.get().set("1");
      engine.awaitResult(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1");
    }
  }

  @Test
  void aStageThatTakesOverAKeyInOneRoundKeepsItsJob() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withAutoCancel());
    Function<Engine, Current<?>> pipeline =
        engine -> {
          key.set(engine.variable("side", Outcome.ok("left")));
          return key.get()
              .current()
              .flatMap("side", side -> engine.run(side, op, Current.of("a"), Current.of("1")));
        };
    try (TestEngine engine = TestEngine.start(state, pipeline)) {
      op.awaitStart("a=1");
      key.get().set("right");
      engine.await(
          "the other side",
          _ ->
              engine.control().diagram(Set.of(), Set.of()).nodes().stream()
                  .anyMatch(node -> node.label().equals("right")));
      op.pass("a=1", "A");
      engine.awaitSettled();

      assertThat(op.started()).containsExactly("a=1");
    }
  }

  @Test
  void aSkippedJobIsNoFailureAndIsRemembered() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      op.skip("a=1", "no tool");
      engine.awaitResult(StageState.SKIPPED, "no tool");
    }
    try (TestEngine engine = TestEngine.start(state, oneOperation(op))) {
      assertThat(engine.awaitSettled().message()).contains("no tool");
      assertThat(engine.job("op").state()).isEqualTo(StageState.SKIPPED);
      assertThat(op.started()).containsExactly("a=1");
    }
  }
}
