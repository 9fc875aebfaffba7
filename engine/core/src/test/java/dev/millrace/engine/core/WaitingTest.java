package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.Current.Opening;
import dev.millrace.engine.core.RunPlan.Fate;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: of whatever does not go on, an operator sees what it waits for. */
class WaitingTest {
  private static final String APPROVAL = "Waits for approval: its level is \"average\"";

  @TempDir Path state;

  private static Optional<String> message(TestEngine engine, String label) {
    return engine.control().diagram(Set.of(), Set.of()).nodes().stream()
        .filter(node -> node.label().equals(label))
        .findFirst()
        .orElseThrow()
        .message();
  }

  @Test
  void saysWhatBlocksAStageAndWhatAJobWaitsFor() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config -> config.withConfirm(Level.AVERAGE),
            e -> {
              Current<String> build = e.run("build", op, Current.of("k"), Current.of(""));
              return e.run("publish", op, build, Current.of(""));
            })) {
      engine.awaitResult(StageState.APPROVAL);

      assertThat(message(engine, "build")).contains(APPROVAL);
      assertThat(message(engine, "publish")).contains("Blocked by \"build\"");
      assertThat(engine.job("op").message()).contains(APPROVAL);

      var _ = engine.control().approve(engine.job("op").id(), "ada");
      engine.awaitResult(StageState.RUNNING);
      assertThat(message(engine, "build")).isEmpty();
      op.fail("k", "no");
      engine.awaitSettled();
      assertThat(message(engine, "publish")).contains("Blocked by \"build\"");
      assertThat(message(engine, "build")).contains("no");
    }
  }

  @Test
  void aRunningEngineSaysWhatItWorksOnAndWhatWaits() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              Current<String> first = e.run("first", op, Current.of("a"), Current.of("1"));
              return Current.allDone(List.of(e.run("after", op, first, Current.of("2")), first));
            })) {
      op.awaitStart("a=1");

      RunPlan plan = engine.control().plan();

      assertThat(plan.works())
          .extracting(RunPlan.Work::fate, work -> work.why().map(JobReason::sentence))
          .containsExactly(tuple(Fate.RUNS, Optional.of("it had never been run")));
      assertThat(plan.unknown()).containsExactly("after");
      assertThat(engine.control().outline()).contains("first");
    }
  }

  @Test
  void theWholeDiagramHasEveryGroupOpen() {
    try (TestEngine engine =
        TestEngine.start(
            state,
            _ ->
                Current.group(
                    "outer",
                    Opening.FOLDED,
                    () -> Current.group("inner", Opening.FOLDED, () -> Current.of("v", 1))))) {
      assertThat(engine.control().diagram(Set.of(), Set.of()).nodes())
          .extracting(Diagram.Node::kind)
          .containsExactly(Diagram.Kind.FOLDED);
      assertThat(engine.control().wholeDiagram().nodes())
          .extracting(Diagram.Node::label)
          .containsExactly("v");
    }
  }
}
