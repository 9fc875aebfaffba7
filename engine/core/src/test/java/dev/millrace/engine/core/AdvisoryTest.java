package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: that a failure does not count is known of the stage, its group and its job, for ever. */
class AdvisoryTest {
  @TempDir Path state;

  /** Whether a failure counts is in its value. */
  private static final TextOperation LINT =
      TextOperation.of(
              "op",
              (job, key, _) -> {
                job.start(Level.HARMLESS);
                throw new JobFailedException("no " + key);
              })
          .withAdvisory((_, value) -> value.equals("advice"));

  private static Current<?> pipeline(Engine engine, Variable<String> strict) {
    return Current.allDone(
        List.of(
            Current.group(
                "lints",
                Current.Opening.FOLDED,
                () ->
                    Current.allDone(
                            List.of(
                                engine.run("a", LINT, Current.of("a"), Current.of("advice")),
                                engine.run("b", LINT, Current.of("b"), strict.current())))
                        .hiddenState()
                        .map(_ -> Done.DONE))));
  }

  private static Diagram.Node node(TestEngine engine, String label, Set<String> unfolded) {
    return engine.control().diagram(unfolded, Set.of()).nodes().stream()
        .filter(node -> node.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  /** By its number: time stands still. */
  private static JobSummary newest(TestEngine engine, String key) {
    return engine.control().findNewestJob(LINT.id(), key).orElseThrow();
  }

  @Test
  void stagesGroupsAndJobsSaySoAlsoAfterARestart() {
    AtomicReference<Variable<String>> strict = new AtomicReference<>();
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              Variable<String> variable = e.variable("strict", Outcome.ok("advice"));
              strict.set(variable);
              return pipeline(e, variable);
            })) {
      engine.awaitSettled();
      assertThat(node(engine, "a", Set.of("lints")))
          .matches(node -> node.state() == StageState.FAILED && node.advisory());
      assertThat(node(engine, "lints", Set.of()))
          .matches(node -> node.state() == StageState.FAILED && node.advisory());

      strict.get().set(Outcome.ok("strict"));
      engine.await(
          "b to count",
          _ -> newest(engine, "b").build() == 1 && !node(engine, "b", Set.of("lints")).advisory());
      engine.awaitSettled();
      assertThat(node(engine, "lints", Set.of()).advisory()).as("one in it counts").isFalse();
    }
    try (TestEngine engine = TestEngine.start(state, _ -> Current.of(Optional.empty()))) {
      assertThat(newest(engine, "a").advisory()).isTrue();
      assertThat(newest(engine, "b").advisory()).isFalse();
    }
  }
}
