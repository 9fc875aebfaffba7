package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Event;
import dev.millrace.base.Experiment;
import dev.millrace.base.History;
import dev.millrace.base.JavaProgram;
import dev.millrace.base.Judge;
import dev.millrace.base.Judge.Rule;
import dev.millrace.base.Judge.Violation;
import dev.millrace.base.KillRig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Goal: whatever an engine has shown survives its being killed at any moment, and what it had begun
 * is done again (D2). Method: {@link KilledEngine} is killed and restarted until it settles; then
 * its history is judged, together with what the engine has kept. Planted bugs must be found.
 */
@Execution(ExecutionMode.CONCURRENT)
class KillIT {
  private static final int FEW_CHAINS = 20;
  private static final int FEW_KILLS = 5;

  @TempDir static Path shared;
  @TempDir Path directory;

  private static JavaProgram program = JavaProgram.of(KilledEngine.class);

  @BeforeAll
  static void rehearse() throws Exception {
    program = program.rehearsed(shared, arguments(shared, FEW_CHAINS, Plant.NONE));
  }

  private static List<String> arguments(Path directory, int chains, Plant plant) {
    List<String> all = new ArrayList<>();
    all.add(directory.resolve("history").toString());
    all.add("rehearsal");
    all.addAll(rest(directory, chains, plant));
    return all;
  }

  private static List<String> rest(Path directory, int chains, Plant plant) {
    return List.of(
        directory.resolve("state").toString(), Integer.toString(chains), plant.toString());
  }

  private KillRig rig(Experiment experiment, int chains, Plant plant) throws Exception {
    KillRig rig =
        new KillRig(program, rest(directory, chains, plant), directory, experiment.random());
    try (History history = History.open(rig.history(), "client")) {
      for (String job : KilledEngine.jobs(chains)) {
        history.add(new Event.Submitted(job));
        history.add(new Event.Acknowledged(job));
      }
    }
    return rig;
  }

  @Test
  void whatWasShownSurvivesEveryKillAndTheRestIsDoneAgain() throws Exception {
    Experiment experiment = Experiment.begin("kills");
    int kills = experiment.count(50, 1000, 10_000);
    int chains = 5 * kills;
    KillRig rig = rig(experiment, chains, Plant.NONE);

    int killed = rig.kill(kills, 250);
    rig.settle();

    List<JobSummary> jobs = takeInventory(rig);
    assertThat(killed).as(experiment.toString()).isEqualTo(kills);
    assertThat(Judge.judge(History.read(rig.history()))).as(experiment.toString()).isEmpty();
    assertEachRestartShowedAllAtOnce(rig, experiment);
    assertNumbers(jobs, chains, experiment);
    assertThat(kindsOfFiles(directory)).as(experiment.toString()).isEqualTo(kindsOfFiles(shared));
    // A machine that has other things to do may be late now and then.
    List<Duration> starts = rig.starts();
    assertThat(starts.get(starts.size() * 9 / 10)).isLessThan(KillRig.SERVES_AGAIN);
    experiment.report(
        "%d kills, serving again after %s at most".formatted(killed, starts.getLast()));
  }

  /** On a slow machine jobs of both operations take long enough to have their logs in files. */
  private static Set<String> kindsOfFiles(Path place) throws Exception {
    return EngineInventory.countFiles(place.resolve("state")).keySet().stream()
        .map(name -> name.replaceAll("first|second", "job"))
        .collect(Collectors.toSet());
  }

  private List<JobSummary> takeInventory(KillRig rig) throws Exception {
    try (History history = History.open(rig.history(), "auditor");
        Engine engine =
            Engine.start(EngineConfig.in(directory.resolve("state")), _ -> Current.of(""))) {
      return EngineInventory.take(engine.control(), JobSummary::description, history);
    }
  }

  private static void assertEachRestartShowedAllAtOnce(KillRig rig, Experiment experiment) {
    Set<Event> before = new LinkedHashSet<>();
    Set<Event> now = new LinkedHashSet<>();
    for (History.Line line : History.read(rig.history())) {
      switch (line.event()) {
        case Event.Launched _ -> {
          before.addAll(now);
          now = new LinkedHashSet<>();
        }
        case Event.Ended ended -> now.add(ended);
        case Event.Serving _ -> assertThat(now).as("%s: %s", experiment, line).containsAll(before);
        case Event _ -> {}
      }
    }
  }

  /** Builds of a thing are counted without gaps, and all but the last were cut short. */
  private static void assertNumbers(List<JobSummary> jobs, int chains, Experiment experiment) {
    Map<String, List<JobSummary>> builds = new LinkedHashMap<>();
    jobs.reversed()
        .forEach(job -> builds.computeIfAbsent(job.description(), _ -> new ArrayList<>()).add(job));
    assertThat(builds.keySet()).containsExactlyInAnyOrderElementsOf(KilledEngine.jobs(chains));
    builds.forEach(
        (name, all) -> {
          List<JobSummary> ordered =
              all.stream().sorted(Comparator.comparingLong(JobSummary::build)).toList();
          for (int i = 0; i < ordered.size(); i++) {
            assertThat(ordered.get(i).build()).as("%s: %s", experiment, ordered).isEqualTo(i);
            assertThat(EngineInventory.isInterrupted(ordered.get(i)))
                .as("%s: %s", experiment, ordered)
                .isEqualTo(i < ordered.size() - 1);
          }
        });
    assertThat(jobs).as("%s", experiment).anyMatch(EngineInventory::isInterrupted);
  }

  private Set<Rule> rulesBrokenBy(Plant plant) throws Exception {
    KillRig rig = rig(Experiment.begin("kills, planted " + plant), FEW_CHAINS, plant);
    int _ = rig.kill(FEW_KILLS, 200);
    rig.settle();
    List<JobSummary> _ = takeInventory(rig);
    Set<Rule> broken = new LinkedHashSet<>();
    Judge.judge(History.read(rig.history())).stream().map(Violation::rule).forEach(broken::add);
    return broken;
  }

  @Test
  void aDatabaseThatCommitsTooLateIsFound() throws Exception {
    assertThat(rulesBrokenBy(Plant.LAZY_COMMIT)).containsAnyOf(Rule.J2, Rule.J5);
  }

  @Test
  void aLogThatIsCutIsFound() throws Exception {
    assertThat(rulesBrokenBy(Plant.CUT_LOG)).contains(Rule.J6);
  }

  @Test
  void filesThatPileUpAreFound() throws Exception {
    assertThat(rulesBrokenBy(Plant.LEFTOVER)).isEmpty();

    Set<String> kinds = kindsOfFiles(directory);
    assertThat(kinds).isNotEqualTo(kindsOfFiles(shared));
  }
}
