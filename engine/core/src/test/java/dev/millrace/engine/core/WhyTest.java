package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.ManualTime;
import dev.millrace.base.RandomTest;
import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.core.JobReason.Cause;
import dev.millrace.engine.core.JobReason.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: every job says why it was run, rightly and shortly. */
class WhyTest {
  @TempDir Path state;

  private final ManualOperation op = new ManualOperation("op");

  private JobReason newest(TestEngine engine) {
    return engine.control().findReason(job(engine)).orElseThrow();
  }

  private static JobId job(TestEngine engine) {
    return engine.control().findNewestJob("op", "k").orElseThrow().id();
  }

  private TestEngine start(List<Variable<String>> inputs) {
    return TestEngine.start(
        state,
        ManualTime.atNoon(),
        config -> config,
        e -> {
          Variable<String> input = e.variable("input", Outcome.ok("1"));
          inputs.add(input);
          return e.run(
              "op",
              op,
              Current.of("k"),
              input.current().map(x -> x),
              Schedule.validFor(Duration.ofDays(3)));
        });
  }

  @Test
  void aJobSaysThatItIsTheFirstOrWhatChangedOrWhoAskedOrThatItsTimeWasOver() {
    List<Variable<String>> inputs = new ArrayList<>();
    try (TestEngine engine = start(inputs)) {
      op.pass("k=1", "");
      engine.awaitSettled();
      assertThat(newest(engine)).isEqualTo(new JobReason(Kind.FIRST, "", List.of()));
      assertThat(engine.log(job(engine))).contains("Why: it had never been run\n");

      inputs.getFirst().set("2");
      op.pass("k=2", "");
      engine.awaitSettled();
      JobReason changed =
          new JobReason(Kind.VALUE, "1", List.of(new Cause("input", "1", "2", Optional.empty())));
      assertThat(newest(engine)).isEqualTo(changed);
      assertThat(changed.sentence())
          .isEqualTo(
              "another value is wanted; before it was \"1\": \"input\" changed from \"1\" to \"2\"");

      var _ = engine.control().rebuild(job(engine), "mia");
      op.pass("k=2", "");
      engine.awaitSettled();
      assertThat(newest(engine).sentence()).isEqualTo("rebuilt by mia");

      engine.advance(Duration.ofDays(3));
      op.pass("k=2", "");
      engine.awaitSettled();
      assertThat(newest(engine).sentence()).isEqualTo("its outcome was good for 3 days");

      engine.engine().invalidate(op, "k");
      op.pass("k=2", "undecodable");
      engine.awaitSettled();
      assertThat(newest(engine).kind()).isEqualTo(Kind.INVALIDATED);
    }

    try (TestEngine engine = start(inputs)) {
      inputs.getLast().set("2");
      op.awaitStart("k=1");
      assertThat(newest(engine).kind()).isEqualTo(Kind.UNREADABLE);
    }

    try (TestEngine engine = start(inputs)) {
      op.awaitStart("k=1");
      // The last result is still the one that cannot be read.
      assertThat(newest(engine).kind()).isEqualTo(Kind.UNREADABLE);
    }
  }

  @Test
  void aJobThatTakesTheTurnOfAnotherSaysWhatChangedMeanwhile() {
    List<Variable<String>> inputs = new ArrayList<>();
    try (TestEngine engine = start(inputs)) {
      op.awaitStart("k=1");
      inputs.getFirst().set("2");
      op.pass("k=1", "");
      op.awaitStart("k=2");

      assertThat(newest(engine))
          .isEqualTo(
              new JobReason(
                  Kind.VALUE, "1", List.of(new Cause("input", "1", "2", Optional.empty()))));
    }
  }

  @Test
  void whatIsRecordedIsShortWhateverTheValuesAre() {
    RandomTest.check(
        200,
        400,
        (random, size) -> {
          List<Cause> causes = new ArrayList<>();
          for (int i = random.nextInt(5); i >= 0; i--) {
            causes.add(
                new Cause(
                    text(random, size),
                    text(random, size),
                    text(random, size),
                    random.nextBoolean()
                        ? Optional.of(new JobId("2026-01-01/000000-op-000001"))
                        : Optional.empty()));
          }
          JobReason reason =
              new JobReason(
                  List.of(Kind.values()).get(random.nextInt(Kind.values().length)),
                  text(random, size),
                  causes);

          String encoded = reason.encode();

          assertThat(encoded.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1024);
          JobReason decoded = JobReason.decode(encoded).orElseThrow();
          assertThat(decoded.kind()).isEqualTo(reason.kind());
          assertThat(decoded.detail()).isEqualTo(reason.detail());
          assertThat(reason.causes()).startsWith(decoded.causes().toArray(new Cause[0]));
          assertThat(reason.sentence()).doesNotContain("\n");
        });
  }

  private static String text(Random random, int size) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(size); i > 0; i--) {
      text.append("ab \t\n\u00e9\u2026\u20ac".charAt(random.nextInt(8)));
    }
    return text.toString();
  }

  @Test
  void aReasonOfAnotherVersionIsNoReason() {
    assertThat(JobReason.decode("")).isEmpty();
    assertThat(JobReason.decode("future\tx")).isEmpty();
    assertThat(JobReason.decode("first")).isEmpty();
  }

  // A hundred changes.

  /** A stage that makes another number of a number. */
  private static Current<Integer> add(
      Engine engine, String name, int number, Current<Integer> value) {
    TextOperation adding =
        TextOperation.of(
            "add",
            (job, _, text) -> {
              job.start(Level.HARMLESS);
              return Integer.toString(Integer.parseInt(text) / 2 + number);
            });
    return engine
        .run(name, adding, Current.of(name), value.map(Object::toString))
        .map(Integer::valueOf);
  }

  private static final int LAYERS = 4;
  private static final int WIDTH = 4;

  /** Layers of operations, each of which reads two or three stages of the layer before. */
  private static Current<?> layers(Engine engine, Random random, List<Variable<Integer>> inputs) {
    List<Current<Integer>> before = new ArrayList<>();
    for (int i = 0; i < WIDTH; i++) {
      inputs.add(engine.variable("input " + i, Outcome.ok(i)));
      before.add(inputs.getLast().current());
    }
    List<Current<Integer>> all = new ArrayList<>(before);
    for (int layer = 0; layer < LAYERS; layer++) {
      List<Current<Integer>> next = new ArrayList<>();
      for (int i = 0; i < WIDTH; i++) {
        String name = "op " + layer + "." + i;
        Current<Integer> a = before.get(random.nextInt(WIDTH));
        Current<Integer> b = before.get(random.nextInt(WIDTH));
        Current<Integer> sum = a.zip(b, Integer::sum);
        int added = i;
        next.add(
            random.nextBoolean()
                ? add(engine, name, added, sum)
                : sum.flatMap(x -> add(engine, name, added, Current.of(x))));
      }
      all.addAll(next);
      before = next;
    }
    return Current.all(all);
  }

  @Test
  void aHundredChangesAreExplainedBackToTheInputsThatChanged() {
    RandomTest.check(
        10,
        10,
        (random, size) -> {
          try (TemporaryDirectory directory =
              TemporaryDirectory.in(Path.of("target"), "why-test-")) {
            List<Variable<Integer>> inputs = new ArrayList<>();
            try (TestEngine engine =
                TestEngine.start(directory.path(), e -> layers(e, random, inputs))) {
              int[] values = new int[WIDTH];
              Arrays.setAll(values, i -> i);
              int explained = 0;
              engine.awaitSettled();
              for (int change = 0; change < 10; change++) {
                Set<JobId> known = ids(engine);
                int input = random.nextInt(WIDTH);
                int before = values[input];
                values[input] = before + 1 + random.nextInt(5);
                inputs.get(input).set(values[input]);
                engine.awaitSettled();

                Set<JobId> started = new LinkedHashSet<>(ids(engine));
                started.removeAll(known);
                Cause root =
                    new Cause(
                        "input " + input,
                        Integer.toString(before),
                        Integer.toString(values[input]),
                        Optional.empty());
                for (JobId job : started) {
                  assertThat(roots(engine, job, started)).as("%s", job).containsOnly(root);
                }
                explained += started.size();
              }
              assertThat(explained).isPositive();
            }
          }
        });
  }

  private static Set<JobId> ids(TestEngine engine) {
    Set<JobId> all = new HashSet<>();
    engine.control().listJobs(JobQuery.newest(1000)).forEach(job -> all.add(job.id()));
    return all;
  }

  /** The inputs that the chain of reasons of a job ends at; all jobs on it are of this change. */
  private static Set<Cause> roots(TestEngine engine, JobId job, Set<JobId> started) {
    Set<Cause> roots = new LinkedHashSet<>();
    JobReason reason = engine.control().findReason(job).orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.VALUE);
    assertThat(reason.causes()).isNotEmpty();
    for (Cause cause : reason.causes()) {
      if (cause.job().isEmpty()) {
        roots.add(cause);
      } else {
        assertThat(started).contains(cause.job().get());
        assertThat(cause.before()).isNotEqualTo(cause.after());
        roots.addAll(roots(engine, cause.job().get(), started));
      }
    }
    return roots;
  }
}
