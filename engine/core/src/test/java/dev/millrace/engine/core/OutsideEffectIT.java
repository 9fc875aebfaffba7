package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Event;
import dev.millrace.base.Experiment;
import dev.millrace.base.History;
import dev.millrace.base.History.Line;
import dev.millrace.base.JavaProgram;
import dev.millrace.base.Judge;
import dev.millrace.base.Judge.Rule;
import dev.millrace.base.Judge.Violation;
import dev.millrace.base.KillRig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what a job does outside is not repeated blindly after a crash (S6). The engine cannot know
 * whether a job that was cut short had come to its effect; it starts another job of the same key,
 * and says that this follows one that was cut short, so that an operation can look the effect up,
 * or say that it may come again. Method: {@link PublishingEngine} dies between effects and their
 * records.
 */
class OutsideEffectIT {
  @TempDir Path directory;

  private KillRig die(int count, boolean blind, Experiment experiment) throws Exception {
    List<String> arguments =
        List.of(directory.toString(), Integer.toString(count), Boolean.toString(blind));
    KillRig rig =
        new KillRig(
            JavaProgram.of(PublishingEngine.class), arguments, directory, experiment.random());
    // Ends by itself when it dies no more.
    int killed = rig.awaitDeaths();
    assertThat(killed).as(experiment.toString()).isPositive();
    experiment.report("died %d times".formatted(killed));
    return rig;
  }

  @Test
  void effectsAreFoundDoneOrMarked() throws Exception {
    Experiment experiment = Experiment.begin("outside effects");
    int count = experiment.count(3, 200, 200);

    KillRig rig = die(count, false, experiment);

    List<Line> lines = History.read(rig.history());
    assertThat(Judge.judge(lines)).as(experiment.toString()).isEmpty();
    Map<String, Long> done =
        lines.stream()
            .map(Line::event)
            .filter(event -> event instanceof Event.Done)
            .collect(
                Collectors.groupingBy(
                    event -> ((Event.Done) event).intent(), Collectors.counting()));
    assertThat(done).hasSize(2 * count);
    // Messages come again as often as they are cut short, and each time marked.
    assertThat(done)
        .allSatisfy(
            (intent, times) ->
                assertThat(intent.startsWith("status") ? times : 1).as(intent).isEqualTo(1));
  }

  @Test
  void effectsThatAreRepeatedBlindlyAreFound() throws Exception {
    KillRig rig = die(1, true, Experiment.begin("outside effects, planted: blind"));

    assertThat(Judge.judge(History.read(rig.history())))
        .extracting(Violation::rule)
        .contains(Rule.J8);
  }
}
