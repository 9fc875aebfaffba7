package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Event;
import dev.millrace.base.Experiment;
import dev.millrace.base.History;
import dev.millrace.base.JavaProgram;
import dev.millrace.engine.core.ScheduledEngine.OffsetClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Goal: what is to be done again after some time is done again then, in real time, although the
 * engine is killed and the clock set an hour forward or back, and while summer time ends (S4).
 * Method: {@link ScheduledEngine} is killed and restarted at random moments, in a zone and at a
 * time of day at which the clocks on the wall go back; {@link ScheduleJudge} judges its history. An
 * engine that measures time by the clock must be found.
 */
@Execution(ExecutionMode.CONCURRENT)
class ScheduleIT {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path directory;

  private record Life(Duration length, Duration clockSetAfter, Duration clockSetBy) {}

  private void live(
      List<Life> lives, long seed, int longest, boolean planted, Experiment experiment)
      throws Exception {
    OffsetClock clock = OffsetClock.of(directory.resolve("offset"));
    clock.set(untilClocksGoBack(experiment));
    JavaProgram program = JavaProgram.of(ScheduledEngine.class);
    for (int i = 0; i < lives.size(); i++) {
      List<String> arguments =
          List.of(
              history().toString(),
              "life-" + i,
              directory.resolve("state").toString(),
              directory.resolve("offset").toString(),
              Long.toString(seed),
              Integer.toString(longest),
              Boolean.toString(planted));
      Process process =
          program.start(
              List.of("env", "TZ=" + ZONE.getId()), directory.resolve("output"), arguments);
      try {
        awaitServing("life-" + i, process);
        live(lives.get(i), clock, process);
      } finally {
        process.destroyForcibly().waitFor();
      }
      try (History history = History.open(history(), "rig")) {
        history.add(new Event.Killed("life-" + i));
      }
    }
  }

  private void awaitServing(String name, Process process) throws Exception {
    History.Tail tail = new History.Tail(history());
    while (tail.next().stream().noneMatch(line -> line.event().equals(new Event.Serving(name)))) {
      pass(Duration.ofMillis(20), process);
    }
  }

  private void live(Life life, OffsetClock clock, Process process) throws Exception {
    pass(life.clockSetAfter, process);
    try (History history = History.open(history(), "rig")) {
      history.add(new Event.ClockSet(life.clockSetBy.toMillis()));
    }
    clock.set(life.clockSetBy);
    pass(life.length.minus(life.clockSetAfter), process);
  }

  private void pass(Duration time, Process process) throws Exception {
    assertThat(process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS))
        .as("the engine ended: %s", directory.resolve("output"))
        .isFalse();
  }

  private Path history() {
    return directory.resolve("history");
  }

  /** How far a clock must be off that shows the end of summer time in the middle of it all. */
  private static Duration untilClocksGoBack(Experiment experiment) {
    ZoneRules rules = ZONE.getRules();
    Instant now = InstantSource.system().instant();
    Instant change = rules.nextTransition(now).getInstant();
    while (rules.isDaylightSavings(change)) {
      change = rules.nextTransition(change).getInstant();
    }
    return Duration.between(now, change.minusSeconds(experiment.value(8, 300, 3000)));
  }

  private static List<Life> lives(Experiment experiment) {
    Random random = experiment.random();
    List<Life> lives = new ArrayList<>();
    for (int i = 0; i < experiment.count(2, 20, 200); i++) {
      int length = experiment.value(2500, 25_000, 30_000) + random.nextInt(2000);
      Duration step = random.nextBoolean() ? HOUR : HOUR.negated();
      lives.add(
          new Life(Duration.ofMillis(length), Duration.ofMillis(random.nextInt(length)), step));
    }
    // Long enough to see that nothing has stopped.
    int longest = longest(experiment);
    lives.add(new Life(Duration.ofSeconds(longest + 6L), Duration.ofSeconds(2), HOUR.negated()));
    return lives;
  }

  private static int longest(Experiment experiment) {
    return experiment.value(3, 60, 60);
  }

  @Test
  void schedulesFireWhenTheyAreDueThroughKillsAndClockSteps() throws Exception {
    Experiment experiment = Experiment.begin("schedules through kills");
    long seed = experiment.random().nextLong();
    int longest = longest(experiment);
    List<Life> lives = lives(experiment);

    live(lives, seed, longest, false, experiment);

    List<History.Line> lines = History.read(history());
    assertThat(ScheduleJudge.judge(ScheduledEngine.schedules(seed, longest), lines))
        .as("%s: %s", experiment, lives)
        .isEmpty();
    long runs = lines.stream().filter(line -> line.event() instanceof Event.Started).count();
    long serving = lines.stream().filter(line -> line.event() instanceof Event.Serving).count();
    assertThat(serving).as("%s", experiment).isEqualTo(lives.size());
    assertThat(runs).as("%s", experiment).isGreaterThan(100);
    experiment.report("%d runs in %d lives".formatted(runs, lives.size()));
  }

  @Test
  void anEngineThatMeasuresTimeByTheClockIsFound() throws Exception {
    Experiment experiment = Experiment.begin("schedules, planted");
    List<Life> once =
        List.of(new Life(Duration.ofSeconds(9), Duration.ofSeconds(1), HOUR.negated()));

    live(once, 1, 2, true, experiment);

    assertThat(ScheduleJudge.judge(ScheduledEngine.schedules(1, 2), History.read(history())))
        .anyMatch(complaint -> complaint.contains("is late"));
  }
}
