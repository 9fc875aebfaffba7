package dev.millrace.engine.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.core.EngineControl.ActionResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever is changed, rebuilt, stopped and restarted, and whenever jobs end, a settled
 * engine shows what the present inputs amount to; of one key one job runs at a time; and nothing is
 * done again without a reason. Method: a pipeline of operations whose wants change at random while
 * jobs are at work; a bystander judges each start, and a naive model each settled state.
 */
class EngineProperties {
  private static final int KEYS = 6;

  /** Sees which runs begin and end, over all engines. */
  private static final class Bystander {
    private final Map<String, String> running = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final Random pauses;
    private int starts;

    Bystander(Random pauses) {
      this.pauses = pauses;
    }

    /** For how many microseconds a run works: most are quick, some outlive several rounds. */
    synchronized int pause() {
      return pauses.nextInt(pauses.nextInt(4) == 0 ? 30_000 : 2000);
    }

    synchronized void started(String key, String value) {
      starts++;
      String other = running.put(key, value);
      if (other != null) {
        faults.add("%s=%s started while %s ran".formatted(key, value, other));
      }
    }

    synchronized void ended(String key) {
      running.remove(key);
    }

    synchronized List<String> faults() {
      return List.copyOf(faults);
    }

    synchronized int starts() {
      return starts;
    }
  }

  /** What kind of operation it is. */
  private record Traits(boolean autoCancel, boolean latched, int places) {}

  private static Operation<String, String, String> work(
      Traits traits, Pool pool, Bystander bystander) {
    TextOperation plain =
        TextOperation.of("work", (job, key, value) -> work(pool, bystander, job, key, value));
    TextOperation stopped = traits.autoCancel ? plain.withAutoCancel() : plain;
    return traits.latched ? stopped.withLatched() : stopped;
  }

  private static String work(Pool pool, Bystander bystander, Job job, String key, String value)
      throws Exception {
    job.start(Level.AVERAGE, pool);
    bystander.started(key, value);
    try {
      int pause = bystander.pause();
      boolean _ = new CountDownLatch(1).await(pause, TimeUnit.MICROSECONDS);
    } finally {
      bystander.ended(key);
    }
    if (fails(value)) {
      throw new JobFailedException("bad " + key);
    }
    return key + ":" + value;
  }

  private static boolean fails(String value) {
    return value.equals("3");
  }

  /** The inputs of the pipeline, which outlive each engine. */
  private static final class World {
    private final Random random;
    private final List<String> values = new ArrayList<>();
    private List<Integer> wanted = List.of();

    World(Random random) {
      this.random = random;
      for (int key = 0; key < KEYS; key++) {
        values.add(Integer.toString(random.nextInt(4)));
      }
      changeWanted();
    }

    void changeWanted() {
      wanted = IntStream.range(0, KEYS).filter(_ -> random.nextInt(3) > 0).boxed().toList();
    }

    /** What the whole must come to. */
    String expected() {
      return wanted.stream()
          .filter(key -> fails(values.get(key)))
          .findFirst()
          .map(key -> "FAILED bad k" + key)
          .orElseGet(
              () ->
                  "PASSED "
                      + wanted.stream()
                          .map(key -> "k" + key + ":" + values.get(key))
                          .collect(Collectors.joining(",")));
    }
  }

  /** One engine's life. */
  private static final class Life implements AutoCloseable {
    private final World world;
    private final List<Variable<String>> values = new ArrayList<>();
    private final AtomicReference<String> seen = new AtomicReference<>("");
    private final TestEngine engine;
    private @Nullable Variable<List<Integer>> wanted;

    Life(Path state, World world, Operation<String, String, String> work) {
      this.world = world;
      this.engine = TestEngine.start(state, made -> pipeline(made, work));
    }

    private Current<?> pipeline(Engine made, Operation<String, String, String> work) {
      for (int key = 0; key < KEYS; key++) {
        values.add(made.variable("value " + key, Outcome.ok(world.values.get(key))));
      }
      wanted = made.variable("wanted", Outcome.ok(world.wanted));
      Current<List<String>> results =
          Current.mapEach(
              wanted.current(),
              key -> key,
              key -> "k" + key,
              item ->
                  item.flatMap(
                      key ->
                          made.run(
                              "work", work, Current.of("k" + key), values.get(key).current())));
      return results
          .hiddenState()
          .map(
              outcome -> {
                seen.set(
                    outcome.state()
                        + " "
                        + outcome
                            .toOptional()
                            .map(all -> String.join(",", all))
                            .or(outcome::explanation)
                            .orElse(""));
                return Done.DONE;
              });
    }

    /** Changes this and that, in a burst or with jobs at work in between. */
    void change(Map<String, Integer> rebuilds) throws InterruptedException {
      for (int several = world.random.nextInt(15); several >= 0; several--) {
        int key = world.random.nextInt(KEYS);
        switch (world.random.nextInt(5)) {
          case 0 -> {
            world.changeWanted();
            requireNonNull(wanted).set(world.wanted);
          }
          case 1 -> rebuild(key, rebuilds);
          default -> {
            world.values.set(key, Integer.toString(world.random.nextInt(4)));
            values.get(key).set(world.values.get(key));
          }
        }
        if (world.random.nextBoolean()) {
          EngineControl control = engine.control();
          var _ = control.awaitChange(control.overview().round(), Duration.ofMillis(2));
        }
      }
    }

    private void rebuild(int key, Map<String, Integer> rebuilds) {
      engine
          .control()
          .findNewestJob("work", "k" + key)
          .ifPresent(
              job -> {
                ActionResult result = engine.control().rebuild(job.id(), "a test");
                if (result instanceof ActionResult.Accepted(JobId now) && !now.equals(job.id())) {
                  rebuilds.merge("k" + key, 1, Integer::sum);
                }
              });
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  @Test
  void aSettledEngineShowsWhatItsInputsAmountToAndDidNothingInVain() {
    RandomTest.check(
        15,
        12,
        (random, size) -> {
          try (TemporaryDirectory directory =
              TemporaryDirectory.in(Path.of("target"), "engine-properties-")) {
            Traits traits =
                new Traits(random.nextBoolean(), random.nextBoolean(), 1 + random.nextInt(4));
            live(directory.path(), random, traits, size);
          }
        });
  }

  private static void live(Path state, Random random, Traits traits, int rounds)
      throws InterruptedException {
    World world = new World(random);
    Bystander bystander = new Bystander(new Random(random.nextLong()));
    Map<String, Integer> rebuilds = new HashMap<>();
    int round = 0;
    while (round < rounds) {
      Operation<String, String, String> work =
          work(traits, Pool.of("places", traits.places), bystander);
      try (Life life = new Life(state, world, work)) {
        do {
          if (random.nextInt(4) > 0) {
            life.engine.awaitSettled();
            assertThat(life.seen.get())
                .as("%s, round %d", traits, round)
                .isEqualTo(world.expected());
          }
          life.change(rebuilds);
          round++;
        } while (round < rounds && random.nextInt(4) > 0);
      }
    }
    try (Life life = new Life(state, world, work(traits, Pool.of("p", 1), bystander))) {
      life.engine.awaitSettled();
      assertThat(life.seen.get()).isEqualTo(world.expected());
      judge(life.engine.control(), bystander, rebuilds);
    }
  }

  private static void judge(
      EngineControl control, Bystander bystander, Map<String, Integer> rebuilds) {
    assertThat(bystander.faults()).isEmpty();
    int started = 0;
    for (int key = 0; key < KEYS; key++) {
      String name = "k" + key;
      List<JobSummary> history =
          control
              .findNewestJob("work", name)
              .map(job -> control.listHistory(job.id(), 1000))
              .orElse(List.of())
              .reversed();
      int again = 0;
      for (int build = 0; build < history.size(); build++) {
        JobSummary job = history.get(build);
        assertThat(job.build()).isEqualTo(build);
        assertThat(job.finished()).isPresent();
        started += job.started().isPresent() ? 1 : 0;
        if (build > 0 && isResult(history.get(build - 1))) {
          again += job.description().equals(history.get(build - 1).description()) ? 1 : 0;
        }
      }
      assertThat(again)
          .as("%s was done again without a reason: %s", name, history)
          .isLessThanOrEqualTo(rebuilds.getOrDefault(name, 0));
    }
    assertThat(started).isEqualTo(bystander.starts());
  }

  private static boolean isResult(JobSummary job) {
    return job.state() == StageState.PASSED || job.state() == StageState.FAILED;
  }
}
