package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.ActionRecord.What;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: who did what, and who tried to, is known, also later. */
class ActionsTest {
  @TempDir Path state;

  private TestEngine start(ManualOperation op) {
    return TestEngine.start(
        state,
        ManualTime.atNoon(),
        config -> config.withConfirm(Level.AVERAGE),
        e -> e.run("op", op, Current.of("k"), Current.of("")));
  }

  @Test
  void whoDidWhatIsRecordedInOrderAndOutlivesTheEngine() {
    ManualOperation op = new ManualOperation("op");
    JobId first;
    Instant noon = Instant.parse("2026-01-01T12:00:00Z");
    try (TestEngine engine = start(op)) {
      engine.awaitResult(StageState.APPROVAL);
      first = engine.job("op").id();
      var _ = engine.control().approve(first, "ada");
      op.pass("k", "");
      engine.awaitSettled();
      var _ = engine.control().cancel(first, "bob");
      engine.control().setConfirmThreshold(Optional.empty(), "cy");
      var _ = engine.control().rebuild(first, "dan");
      op.pass("k", "");
      engine.awaitSettled();
    }

    try (TestEngine engine = start(op)) {
      assertThat(engine.control().listActions(9).reversed())
          .containsExactly(
              new ActionRecord(noon, "ada", What.APPROVE, first.value(), Optional.empty()),
              new ActionRecord(
                  noon,
                  "bob",
                  What.CANCEL,
                  first.value(),
                  Optional.of("Job %s has ended".formatted(first))),
              new ActionRecord(noon, "cy", What.SET_CONFIRM, "none", Optional.empty()),
              new ActionRecord(noon, "dan", What.REBUILD, first.value(), Optional.empty()));
      assertThat(engine.control().listActions(1))
          .extracting(ActionRecord::who)
          .containsExactly("dan");
    }
  }

  @Test
  void changesOfLogRulesAreRecordedWithTheirPatterns() throws InterruptedException {
    try (TestEngine engine = start(new ManualOperation("op"))) {
      LogRules rules = engine.control().logRules();
      rules.put(List.of(new LogRule("a+", "A", 1), new LogRule("b+", "B", 2)), "ada");
      boolean removed = rules.remove("a+", "bob");
      boolean again = rules.remove("a+", "cy");

      assertThat(removed).isTrue();
      assertThat(again).isFalse();
    }

    try (TestEngine engine = start(new ManualOperation("op"))) {
      assertThat(engine.control().listActions(9).reversed())
          .extracting(ActionRecord::who, ActionRecord::what, ActionRecord::target)
          .containsExactly(
              tuple("ada", What.STORE_LOG_RULE, "a+"),
              tuple("ada", What.STORE_LOG_RULE, "b+"),
              tuple("bob", What.REMOVE_LOG_RULE, "a+"));
    }
  }

  /** The state directory is looked at as it is at that moment, which is what a SIGKILL leaves. */
  @Test
  void whatWasCancelledStaysSoHoweverTheEngineEnds(@TempDir Path copy) throws Exception {
    ManualOperation stubborn =
        new ManualOperation("op", ManualOperation.Traits.PLAIN.withStubbornness());
    JobId job;
    try (TestEngine engine = TestEngine.start(state, e -> pipeline(e, stubborn))) {
      stubborn.awaitStart("k");
      job = engine.job("op").id();
      assertThat(engine.control().cancel(job, "ada"))
          .isEqualTo(new EngineControl.ActionResult.Accepted(job));
      try (Stream<Path> files = Files.walk(state)) {
        for (Path file : files.skip(1).toList()) {
          Files.copy(file, copy.resolve(state.relativize(file).toString()));
        }
      }
      stubborn.pass("k", "");
    }

    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(copy, e -> pipeline(e, op))) {
      engine.awaitSettled();
      assertThat(op.started()).isEmpty();
      JobSummary cancelled = engine.control().findJob(job).orElseThrow();
      assertThat(cancelled.state()).isEqualTo(StageState.CANCELLED);
      assertThat(cancelled.message()).contains("Cancelled by ada");
      assertThat(engine.log(job)).endsWith("\nJob cancelled: Cancelled by ada\n");
    }
  }

  private static Current<?> pipeline(Engine engine, ManualOperation op) {
    return engine.run("op", op, Current.of("k"), Current.of(""));
  }
}
