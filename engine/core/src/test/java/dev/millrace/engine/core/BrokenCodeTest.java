package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: whatever a pipeline author's code does where the engine calls it, it costs the stage in
 * which it happens, not the engine. Method: one bug at a time, beside a stage that works.
 */
class BrokenCodeTest {
  @TempDir Path state;

  /** A value that cannot be compared. */
  private record Incomparable(int number) {
    @Override
    @SuppressWarnings("EqualsHashCode")
    public boolean equals(Object other) {
      throw new StackOverflowError();
    }

    @Override
    public int hashCode() {
      return number;
    }
  }

  /** Where an operation breaks. */
  enum Place {
    ID,
    DESCRIBE,
    DESCRIBE_NULL,
    KEY_DIGEST,
    KEY_DIGEST_NULL,
    VALUE_DIGEST,
    VALUE_DIGEST_NULL,
    AUTO_CANCEL,
    LATCHED,
    TIME_LIMIT,
    TIME_LIMIT_NULL,
    RUN,
    RUN_NULL,
    ENCODE,
    ENCODE_NULL
  }

  private record Broken(Place place) implements Operation<String, String, String> {
    private <T> T at(Place here, T value) {
      if (place == here) {
        throw new AssertionError("broken " + here);
      }
      return value;
    }

    @SuppressWarnings("NullAway") // That is the bug.
    private <T> T orNull(Place here, T value) {
      return place == here ? null : value;
    }

    @Override
    public String id() {
      return at(Place.ID, "broken");
    }

    @Override
    public String describe(String key, String value) {
      return at(Place.DESCRIBE, orNull(Place.DESCRIBE_NULL, "broken " + key));
    }

    @Override
    public String keyDigest(String key) {
      return at(Place.KEY_DIGEST, orNull(Place.KEY_DIGEST_NULL, key));
    }

    @Override
    public String valueDigest(String value) {
      return at(Place.VALUE_DIGEST, orNull(Place.VALUE_DIGEST_NULL, value));
    }

    @Override
    public boolean autoCancel() {
      return at(Place.AUTO_CANCEL, true);
    }

    @Override
    public boolean latched() {
      return at(Place.LATCHED, true);
    }

    @Override
    public Optional<Duration> timeLimit() {
      return at(Place.TIME_LIMIT, orNull(Place.TIME_LIMIT_NULL, Optional.of(Duration.ofDays(1))));
    }

    @Override
    public String encode(String outcome) {
      return at(Place.ENCODE, orNull(Place.ENCODE_NULL, outcome));
    }

    @Override
    public String decode(String text) {
      return text;
    }

    @Override
    public String run(Job job, String key, String value) throws Exception {
      job.start(Level.AVERAGE);
      return at(Place.RUN, orNull(Place.RUN_NULL, value));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOperationThatBreaksFailsItsStageAlone(Place place) {
    ManualOperation healthy = new ManualOperation("healthy");
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              Current<String> value = e.variable("value", Outcome.ok("a")).current();
              Current<String> broken = e.run("broken", new Broken(place), Current.of("k"), value);
              Current<String> other = e.run("other", healthy, Current.of("h"), value);
              return Current.allDone(List.of(broken, other));
            })) {
      healthy.pass("h=a", "H");

      engine.awaitResult(StageState.ERROR);
      assertThat(engine.awaitSettled().counts().of(StageState.ERROR)).isEqualTo(1);
      assertThat(engine.control().health()).isEqualTo(new EngineControl.Health.Good());
    }
  }

  @Test
  void valuesThatCannotBeComparedOnlyCostNeedlessWork() {
    AtomicInteger number = new AtomicInteger();
    ManualOperation done = new ManualOperation("done");
    Variable<?>[] inputs = new Variable<?>[1];
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              Variable<Incomparable> input = e.variable("input", Outcome.ok(new Incomparable(0)));
              inputs[0] = input;
              Current<Incomparable> value = input.current();
              Current<List<Incomparable>> list = value.map(List::of);
              Current<List<Incomparable>> each =
                  Current.mapEach(list, Incomparable::number, Incomparable::toString, x -> x);
              Current<Incomparable> own = value.map(x -> x, (a, b) -> a.equals(b));
              Current<Incomparable> ran = e.run("odd", new Odd(), value.map(Incomparable::number));
              return Current.all(List.of(own, value.gate(each), value.flatMap(_ -> own), ran))
                  .flatMap(_ -> e.run("done", done, Current.of("d"), Current.of("" + number)));
            })) {
      for (int round = 0; round < 4; round++) {
        done.pass("d=" + round, "D");
        engine.awaitSettled();
        assertThat(engine.control().health()).isEqualTo(new EngineControl.Health.Good());
        number.incrementAndGet();
        @SuppressWarnings("unchecked")
        Variable<Incomparable> input = (Variable<Incomparable>) inputs[0];
        input.set(new Incomparable(round % 2));
      }
    }
  }

  /** An operation whose outcome cannot be compared. */
  private static final class Odd implements Operation<Integer, Done, Incomparable> {
    @Override
    public String id() {
      return "odd";
    }

    @Override
    public String describe(Integer key, Done value) {
      return "odd " + key;
    }

    @Override
    public String keyDigest(Integer key) {
      return key.toString();
    }

    @Override
    public String valueDigest(Done value) {
      return "";
    }

    @Override
    public String encode(Incomparable outcome) {
      return Integer.toString(outcome.number);
    }

    @Override
    public Incomparable decode(String text) {
      return new Incomparable(Integer.parseInt(text));
    }

    @Override
    public Incomparable run(Job job, Integer key, Done value) throws Exception {
      job.start(Level.HARMLESS);
      return new Incomparable(key);
    }
  }
}
