package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Experiment;
import dev.millrace.base.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what is to be done again after some time is done again then, and not before, whatever
 * becomes of the engine and the clock meanwhile (S4). Method: fifty schedules of a second to a
 * minute; time goes on by random steps, now and then the clock is set an hour forward or back, and
 * the engine is restarted again and again; after each step each schedule must have come to work
 * exactly if it was due. {@link ScheduleIT} does so with real time and real kills.
 *
 * <p>A clock that is set back delays nothing while the engine runs; one that starts under it cannot
 * know how old its results are, and counts from its start. A clock that is set forward brings
 * forward what is due by it: a machine that slept looks the same.
 */
class ScheduleProperties {
  private static final int SCHEDULES = 50;
  private static final int STEPS = 15;
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path state;

  private final ManualTime time = ManualTime.atNoon();

  /** Since when each schedule's outcome is good, as the engine that runs can know. */
  private final Map<String, Instant> since = new ConcurrentHashMap<>();

  /** The same as it is recorded. */
  private final Map<String, Instant> recorded = new ConcurrentHashMap<>();

  private final Map<String, Integer> times = new ConcurrentHashMap<>();

  /** What time it is for the engine that runs. */
  private volatile Instant now = time.instant();

  private Current<?> pipeline(Engine engine, Map<String, Duration> schedules) {
    Doing work =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              String name = job.description().substring("doing ".length());
              since.put(name, now);
              recorded.put(name, time.instant());
              times.merge(name, 1, Integer::sum);
              return "done";
            });
    List<Current<String>> all = new ArrayList<>();
    schedules.forEach(
        (name, validFor) ->
            all.add(engine.run(name, work, Current.of(name), Schedule.validFor(validFor))));
    return Current.allDone(all);
  }

  private static Map<String, Duration> schedules(Random random) {
    Map<String, Duration> schedules = new LinkedHashMap<>();
    for (int i = 0; i < SCHEDULES; i++) {
      schedules.put("schedule-" + i, Duration.ofSeconds(1 + random.nextInt(60)));
    }
    return schedules;
  }

  @Test
  void schedulesFireWhenTheyAreDue() {
    Experiment experiment = Experiment.begin("schedules");
    Random random = experiment.random();
    Map<String, Duration> schedules = schedules(random);
    for (int life = 0; life < experiment.count(12, 200, 2000); life++) {
      live(schedules, random, experiment);
      // Also while nobody is there to see it.
      if (random.nextInt(4) == 0) {
        time.set(random.nextBoolean() ? HOUR : HOUR.negated());
      }
      time.advance(Duration.ofMillis(random.nextInt(20_000)));
    }
    assertThat(times.values()).as("%s", experiment).allMatch(count -> count > 3);
  }

  private void live(Map<String, Duration> schedules, Random random, Experiment experiment) {
    begin();
    Map<String, Integer> expected = expected(schedules);
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, made -> pipeline(made, schedules))) {
      EngineControl.Overview _ = engine.awaitSettled();
      assertThat(times).as("%s: begun anew", experiment).isEqualTo(expected);
      for (int step = 0; step < STEPS; step++) {
        String taken = step(random);
        expected = expected(schedules);
        engine.advance(Duration.ZERO);
        EngineControl.Overview _ = engine.awaitSettled();
        assertThat(times).as("%s: after %s", experiment, taken).isEqualTo(expected);
      }
    }
  }

  /** Another engine has nothing but the records and the clock. */
  private void begin() {
    now = time.instant();
    recorded.forEach((name, at) -> since.put(name, at.isAfter(now) ? now : at));
  }

  private String step(Random random) {
    return switch (random.nextInt(20)) {
      case 0, 1 -> {
        time.set(HOUR);
        now = time.instant().isAfter(now) ? time.instant() : now;
        yield "the clock was set forward";
      }
      case 2 -> {
        time.set(HOUR.negated());
        yield "the clock was set back";
      }
      default -> {
        Duration passed = Duration.ofMillis(random.nextInt(5000));
        time.advance(passed);
        now = now.plus(passed);
        yield passed.toString();
      }
    };
  }

  /** How often each has worked once all that is due now is done. */
  private Map<String, Integer> expected(Map<String, Duration> schedules) {
    Map<String, Integer> expected = new LinkedHashMap<>();
    schedules.forEach(
        (name, validFor) -> {
          Optional<Instant> last = Optional.ofNullable(since.get(name));
          boolean due = last.isEmpty() || !now.isBefore(last.get().plus(validFor));
          expected.put(name, times.getOrDefault(name, 0) + (due ? 1 : 0));
        });
    return expected;
  }

  @Test
  void aClockThatIsSetBackDelaysNothing() {
    Map<String, Duration> minute = Map.of("minute", Duration.ofMinutes(1));
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, made -> pipeline(made, minute))) {
      EngineControl.Overview _ = engine.awaitSettled();
      time.set(HOUR.negated());

      engine.advance(Duration.ofSeconds(59));
      EngineControl.Overview _ = engine.awaitSettled();
      assertThat(times).containsEntry("minute", 1);

      engine.advance(Duration.ofSeconds(1));
      EngineControl.Overview _ = engine.awaitSettled();
      assertThat(times).containsEntry("minute", 2);
    }
  }

  @Test
  void aResultFromTheFutureIsCountedFromTheStartAndTheJobSaysSo() {
    Map<String, Duration> minute = Map.of("minute", Duration.ofMinutes(1));
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, made -> pipeline(made, minute))) {
      EngineControl.Overview _ = engine.awaitSettled();
    }
    time.set(HOUR.negated());
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, made -> pipeline(made, minute))) {
      EngineControl.Overview _ = engine.awaitSettled();
      assertThat(times).containsEntry("minute", 1);

      engine.advance(Duration.ofMinutes(1));
      EngineControl.Overview _ = engine.awaitSettled();

      assertThat(times).containsEntry("minute", 2);
      JobId newest = engine.control().listHistory(engine.job("minute").id(), 1).getFirst().id();
      assertThat(engine.control().findReason(newest).orElseThrow().sentence())
          .endsWith("counted from when Millrace started: the clock had been set back");
    }
  }

  /** Without its schedule nothing comes to work a second time: the planted bug. */
  @Test
  void aScheduleThatIsForgottenIsFound() {
    Map<String, Duration> schedules = Map.of("forgotten", Duration.ofSeconds(5));
    try (TestEngine engine =
        TestEngine.start(
            state,
            time,
            config -> config,
            made -> pipeline(made, Map.of("forgotten", Duration.ofDays(1))))) {
      EngineControl.Overview _ = engine.awaitSettled();
      time.advance(Duration.ofSeconds(6));
      now = now.plus(Duration.ofSeconds(6));
      Map<String, Integer> expected = expected(schedules);
      engine.advance(Duration.ZERO);
      EngineControl.Overview _ = engine.awaitSettled();

      assertThat(times).isNotEqualTo(expected);
    }
  }
}
