package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.EngineControl.Overview;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: no pipeline is too deep or too wide. Method: a hundred thousand stages in a row, inside
 * each other and side by side in a real engine, which has to make them, change them, sum them up,
 * draw them, write them down and take them apart.
 */
class ScaleTest {
  private static final int MANY = 100_000;

  @TempDir Path state;

  private static Current<Integer> chain(Current<Integer> first) {
    Current<Integer> stage = first;
    for (int i = 0; i < MANY; i++) {
      stage = stage.map(x -> x + 1);
    }
    return stage;
  }

  /** Each stage is made by the one before. */
  private static Current<Integer> nested(Current<Integer> outermost, int depth) {
    return depth == 0 ? outermost : outermost.flatMap(x -> nested(Current.of(x + 1), depth - 1));
  }

  private static Current<Integer> gates(Current<Integer> value) {
    Current<Integer> stage = value;
    for (int i = 0; i < MANY / 10; i++) {
      stage = stage.gate(value);
    }
    return stage;
  }

  private static Current<Integer> states(Current<Integer> value) {
    Current<Integer> stage = value;
    for (int i = 0; i < MANY / 10; i++) {
      stage = stage.state().map(outcome -> outcome.toOptional().orElse(-1));
    }
    return stage;
  }

  private static Current<Integer> list(Current<Integer> count) {
    return Current.mapEach(
            count.map(n -> IntStream.range(0, MANY + n).boxed().toList()),
            x -> x,
            x -> "item " + x,
            item -> item.map(x -> x + 1))
        .map(List::size);
  }

  /** Changes the input of a pipeline from 0 to 1 and looks at everything. */
  private void check(Function<Current<Integer>, Current<Integer>> made, int before, int after) {
    AtomicReference<Variable<Integer>> input = new AtomicReference<>();
    AtomicReference<Integer> seen = new AtomicReference<>(-1);
    try (TestEngine engine =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config -> config,
            e -> {
              input.set(e.variable("input", Outcome.ok(0)));
              Current<Integer> first = input.get().current();
              return made.apply(first)
                  .map(
                      x -> {
                        seen.set(x);
                        return Done.DONE;
                      })
                  .gate(first);
            })) {
      Overview first = engine.awaitResult(StageState.PASSED);
      assertThat(seen.get()).isEqualTo(before);

      input.get().set(1);

      engine.await("a change", overview -> overview.round() > first.round());
      assertThat(seen.get()).isEqualTo(after);
      assertThat(engine.control().diagram(Set.of(), Set.of()).nodes()).isNotEmpty();
      input.get().set(Outcome.failed("the end"));
      engine.awaitResult(StageState.FAILED, "the end");
      assertThat(engine.control().diagram(Set.of(), Set.of()).nodes()).isNotEmpty();
      assertThat(engine.control().health()).isEqualTo(new EngineControl.Health.Good());
    }
  }

  @Test
  void aChain() {
    check(ScaleTest::chain, MANY, MANY + 1);
  }

  @Test
  void stagesInsideStages() {
    check(input -> nested(input, MANY), MANY, MANY + 1);
  }

  @Test
  void gatesBehindGates() {
    check(ScaleTest::gates, 0, 1);
  }

  @Test
  void statesOfStates() {
    check(ScaleTest::states, 0, 1);
  }

  @Test
  void aList() {
    check(ScaleTest::list, MANY, MANY + 1);
  }
}
