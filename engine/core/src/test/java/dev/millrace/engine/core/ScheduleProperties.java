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
 * minute; the clock goes on by random steps, now and then by an hour, and the engine is restarted
 * again and again; after each step each schedule must have come to work exactly if it was due. A
 * clock that is set back counts: nothing is due until it comes there again.
 */
class ScheduleProperties {
  private static final int SCHEDULES = 50;
  private static final int STEPS = 15;
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path state;

  private final ManualTime time = ManualTime.atNoon();

  /** When each schedule last came to work, by the clock. */
  private final Map<String, Instant> worked = new ConcurrentHashMap<>();

  private final Map<String, Integer> times = new ConcurrentHashMap<>();

  private Current<?> pipeline(Engine engine, Map<String, Duration> schedules) {
    Doing work =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              String name = job.description().substring("doing ".length());
              worked.put(name, time.instant());
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
    for (int life = 0; life < experiment.count(20, 200, 2000); life++) {
      live(schedules, random, experiment);
      // Also while nobody is there to see it.
      time.advance(Duration.ofMillis(random.nextInt(20_000)));
    }
    assertThat(times.values()).as("%s", experiment).allMatch(count -> count > 3);
  }

  private void live(Map<String, Duration> schedules, Random random, Experiment experiment) {
    Map<String, Integer> expected = expected(schedules);
    try (TestEngine engine =
        TestEngine.start(state, time, config -> config, made -> pipeline(made, schedules))) {
      EngineControl.Overview _ = engine.awaitSettled();
      assertThat(times).as("%s: begun anew", experiment).isEqualTo(expected);
      for (int step = 0; step < STEPS; step++) {
        Duration taken = step(random);
        time.advance(taken);
        expected = expected(schedules);
        engine.advance(Duration.ZERO);
        EngineControl.Overview _ = engine.awaitSettled();
        assertThat(times).as("%s: after %s", experiment, taken).isEqualTo(expected);
      }
    }
  }

  private static Duration step(Random random) {
    return switch (random.nextInt(20)) {
      case 0, 1 -> HOUR;
      case 2 -> HOUR.negated();
      default -> Duration.ofMillis(random.nextInt(5000));
    };
  }

  /** How often each has worked once all that is due now is done. */
  private Map<String, Integer> expected(Map<String, Duration> schedules) {
    Map<String, Integer> expected = new LinkedHashMap<>();
    schedules.forEach(
        (name, validFor) -> {
          Optional<Instant> last = Optional.ofNullable(worked.get(name));
          boolean due = last.isEmpty() || !time.instant().isBefore(last.get().plus(validFor));
          expected.put(name, times.getOrDefault(name, 0) + (due ? 1 : 0));
        });
    return expected;
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
      Map<String, Integer> expected = expected(schedules);
      engine.advance(Duration.ZERO);
      EngineControl.Overview _ = engine.awaitSettled();

      assertThat(times).isNotEqualTo(expected);
    }
  }
}
