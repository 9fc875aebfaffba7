package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.base.Experiment;
import dev.millrace.base.ManualTime;
import dev.millrace.base.RandomTest;
import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.core.RunPlan.Fate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what would run can be known before it does. */
class PlanTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path state;

  private RunPlan plan(ManualTime time, Function<Engine, Current<?>> pipeline) {
    try {
      return Engine.plan(EngineConfig.in(state).withClock(time, time::ticks), pipeline, PATIENCE);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Function<Engine, Current<?>> pipeline(ManualOperation op, String second) {
    return e -> {
      Current<String> first = e.run("first", op, Current.of("a"), Current.of("1"));
      Current<String> other = e.run("other", op, Current.of("b"), Current.of(second));
      Current<String> after = e.run("after", op, Current.of("c"), other);
      return Current.allDone(
          List.of(
              first,
              after,
              other.flatMap("choose", x -> Current.of(x, x)),
              after.flatMap(x -> first)));
    };
  }

  @Test
  void saysWhatWouldRunWhatIsKnownAndWhatCannotBeKnownAndRunsNothing() {
    ManualOperation op = new ManualOperation("op");
    ManualTime time = ManualTime.atNoon();
    try (TestEngine engine = TestEngine.start(state, time, config -> config, pipeline(op, "1"))) {
      op.fail("a=1", "no");
      op.awaitStart("b=1");
      engine.advance(Duration.ofMinutes(3));
      op.pass("b=1", "B");
      op.pass("c=B", "C");
      engine.awaitSettled();
    }
    int runs = op.started().size();

    RunPlan known = plan(time, pipeline(op, "1"));
    RunPlan changed = plan(time, pipeline(op, "2"));

    assertThat(known.works())
        .extracting(RunPlan.Work::key, RunPlan.Work::fate)
        .containsExactly(tuple("a", Fate.FAILS), tuple("b", Fate.CACHED), tuple("c", Fate.CACHED));
    assertThat(known.unknown()).isEmpty();
    assertThat(changed.works())
        .extracting(RunPlan.Work::key, RunPlan.Work::fate, RunPlan.Work::expected)
        .containsExactly(
            tuple("a", Fate.FAILS, Optional.empty()),
            tuple("b", Fate.RUNS, Optional.of(Duration.ofMinutes(3))));
    assertThat(changed.works().getLast().why().orElseThrow().sentence())
        .isEqualTo("another value is wanted; before it was \"1\"");
    assertThat(changed.unknown()).containsExactly("after", "choose", "(a part that is not known)");
    assertThat(op.started()).hasSize(runs);
  }

  /** Layers of operations, some of them made by the values of others. */
  private static Current<?> layers(
      Engine engine, Random random, List<Integer> inputs, Set<String> ran) {
    List<Current<Integer>> before = new ArrayList<>();
    inputs.forEach(input -> before.add(Current.of(input)));
    List<Current<Integer>> all = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      for (int i = 0; i < 3; i++) {
        String name = layer + "." + i;
        Current<Integer> sum =
            before
                .get(random.nextInt(before.size()))
                .zip(before.get(random.nextInt(before.size())), Integer::sum);
        all.add(
            random.nextInt(3) > 0
                ? half(engine, name, sum, ran)
                : sum.flatMap("make " + name, x -> half(engine, name, Current.of(x), ran)));
      }
      before.addAll(all);
    }
    return Current.allDone(all);
  }

  /** A stage that notes that it ran, and halves a number, but for some that are bad. */
  private static Current<Integer> half(
      Engine engine, String name, Current<Integer> number, Set<String> ran) {
    TextOperation halving =
        TextOperation.of(
            "halving",
            (job, key, value) -> {
              job.start(Level.HARMLESS);
              ran.add(key);
              int whole = Integer.parseInt(value);
              if (whole % 7 == 3) {
                throw new JobFailedException("a bad number");
              }
              return Integer.toString(whole / 2);
            });
    return engine
        .run(name, halving, Current.of(name), number.map(Object::toString))
        .map(Integer::valueOf);
  }

  /** A hundred changes; at night a thousand. */
  @Test
  void whatIsPredictedIsWhatRunsButForWhatIsNamedAsUnknown() {
    RandomTest.check(
        Experiment.Tier.current() == Experiment.Tier.CHECK ? 25 : 250,
        6,
        (random, size) -> {
          try (TemporaryDirectory directory =
              TemporaryDirectory.in(Path.of("target"), "plan-test-")) {
            long shape = random.nextLong();
            List<Integer> inputs = new ArrayList<>(List.of(1, 2, 3));
            for (int change = 0; change < 4; change++) {
              inputs.set(random.nextInt(3), random.nextInt(9));
              Set<String> ran = new ConcurrentSkipListSet<>();
              Function<Engine, Current<?>> made = e -> layers(e, new Random(shape), inputs, ran);
              RunPlan plan = Engine.plan(EngineConfig.in(directory.path()), made, PATIENCE);
              assertThat(ran).isEmpty();
              try (TestEngine engine = TestEngine.start(directory.path(), made)) {
                engine.awaitSettled();
              }

              Set<String> predicted =
                  plan.works().stream()
                      .filter(work -> work.fate() == Fate.RUNS)
                      .map(RunPlan.Work::key)
                      .collect(Collectors.toCollection(TreeSet::new));
              assertThat(ran).as("%s", plan).containsAll(predicted);
              Set<String> surprising = new TreeSet<>(ran);
              surprising.removeAll(predicted);
              surprising.removeIf(
                  key -> plan.unknown().contains(key) || plan.unknown().contains("make " + key));
              assertThat(surprising).as("%s", plan).isEmpty();
              // What is not known is what depends on something that runs: else the plan is whole.
              if (predicted.isEmpty()) {
                assertThat(plan.unknown()).as("%s", plan).isEmpty();
              }
            }
          }
        });
  }
}
