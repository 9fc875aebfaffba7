package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.ManualOperation.Traits;
import java.nio.file.Path;
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
 * Goal: of work whose key or value is not wanted any more, what the operation says is stopped is,
 * and what comes of it shows only where it is wanted. Method: as in {@link CacheTest}.
 */
class SupersededWorkTest {
  @TempDir Path state;

  private final OneOperation one = new OneOperation();

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsNotWantedAnyMoreIsStoppedAndStartedAfreshWhenWantedAgain() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withAutoCancel());
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.awaitStart("a=1");
      JobId first = engine.job("op").id();
      one.key().set(Outcome.active(Activity.READY));
      engine.await("the job to go", _ -> op.running().isEmpty());
      engine.awaitSettled();
      assertThat(engine.control().findJob(first).orElseThrow().state())
          .isEqualTo(StageState.CANCELLED);
      assertThat(engine.log(first))
          .endsWith("Job cancelled: Cancelled: nothing needs it any more\n");

      one.key().set("a");
      op.pass("a=1", "A");
      engine.awaitResult(StageState.PASSED);
      assertThat(op.started()).containsExactly("a=1", "a=1");
    }
  }

  @Test
  void whatIsWantedAgainBeforeItHasStoppedIsStillDoneOnce() {
    ManualOperation op =
        new ManualOperation("op", Traits.PLAIN.withAutoCancel().withStubbornness());
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.awaitStart("a=1");
      JobId first = engine.job("op").id();
      one.key().set(Outcome.active(Activity.READY));
      engine.await(
          "the job to be told to stop",
          _ ->
              engine
                  .control()
                  .findJob(first)
                  .orElseThrow()
                  .message()
                  .equals(Optional.of("Cancelled: nothing needs it any more")));
      one.key().set("a");
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
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.awaitStart("a=1");
      one.key().set(Outcome.active(Activity.READY));
      engine.awaitResult(StageState.QUEUED);
      op.pass("a=1", "A");
      engine.awaitSettled();
      one.key().set("a");
      engine.awaitResult(StageState.PASSED);
      engine.awaitSettled();

      assertThat(op.started()).containsExactly("a=1");
    }
  }

  @Test
  void anotherValueWaitsForTheRunningJobWithoutAutoCancel() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.awaitStart("a=1");
      one.value().set("2");
      op.pass("a=1", "A");
      op.pass("a=2", "A2");
      engine.awaitSettled();

      assertThat(op.started()).containsExactly("a=1", "a=2");
    }
  }

  @Test
  void anotherValueStopsTheRunningJobWithAutoCancel() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withAutoCancel());
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.awaitStart("a=1");
      one.value().set("2");
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
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.awaitStart("a=1");
      one.value().set("2");
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
          Current<?> outcome = one.pipeline(op).apply(engine);
          Current<Boolean> gate =
              one.value()
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
      one.value().set("2");
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      op.fail("a=1", "broken");
      await().until(() -> engine.job("op").state() == StageState.FAILED);
      one.value().set("1");
      released.countDown();

      engine.awaitResult(StageState.FAILED, "broken");
      engine.awaitSettled();
      assertThat(op.started()).containsExactly("a=1");
    }
  }

  @Test
  void theOutcomeOfAnOldValueIsNeverReadTogetherWithTheNewOne() {
    AtomicReference<Variable<String>> value = new AtomicReference<>();
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
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      one.value().set("2");
      op.awaitStart("a=2");
      engine.await(
          "a refresh", _ -> engine.node("op").rebuilding().equals(Optional.of(StageState.RUNNING)));
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);

      // Another key is another thing: nothing of it is latched.
      one.key().set("b");
      engine.awaitResult(StageState.RUNNING);
      op.pass("b=2", "B");
      op.pass("a=2", "A2");
      engine.awaitSettled();
    }
  }

  @Test
  void latchedWithAutoCancelReplacesTheRunAndKeepsShowingTheOldOutcome() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withLatched().withAutoCancel());
    try (TestEngine engine = TestEngine.start(state, one.pipeline(op))) {
      op.pass("a=1", "A");
      engine.awaitSettled();
      one.value().set("2");
      op.awaitStart("a=2");
      one.value().set("3");
      op.awaitStart("a=3");
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      op.pass("a=3", "A3");
      engine.awaitSettled();
      assertThat(op.started()).containsExactly("a=1", "a=2", "a=3");
    }
  }

  @Test
  void aStageThatTakesOverAKeyInOneRoundKeepsItsJob() {
    AtomicReference<Variable<String>> side = new AtomicReference<>();
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withAutoCancel());
    Function<Engine, Current<?>> pipeline =
        engine -> {
          side.set(engine.variable("side", Outcome.ok("left")));
          return side.get()
              .current()
              .flatMap("side", name -> engine.run(name, op, Current.of("a"), Current.of("1")));
        };
    try (TestEngine engine = TestEngine.start(state, pipeline)) {
      op.awaitStart("a=1");
      side.get().set("right");
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
  void stagesThatWantDifferentValuesOfOneKeyFailAndTheEngineGoesOn() {
    AtomicReference<Variable<String>> value = new AtomicReference<>();
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
}
