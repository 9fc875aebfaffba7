package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.millrace.base.Experiment;
import dev.millrace.base.JavaProgram;
import dev.millrace.base.PowerCutDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what an engine has shown survives a power cut, by default (D1): its records, its logs, and
 * that the ones lead to the others. Method: {@link PowerCutEngine}. A database that does not wait
 * for the disk, which no kill could tell from one that does, must be found.
 */
class PowerCutIT {
  /** Of one disk; then a new one, as this one is full of logs. */
  private static final int CUTS = 40;

  private static final long PATIENCE_SECONDS = 400;

  @TempDir Path directory;

  private record Ending(int status, String output) {}

  private Ending run(int disk, Plant plant, Experiment experiment) throws Exception {
    Path place = Files.createDirectory(directory.resolve("disk-" + disk));
    Path output = place.resolve("output");
    Process process;
    try {
      process =
          JavaProgram.of(PowerCutEngine.class)
              .start(
                  PowerCutDisk.withPrivateMounts(),
                  output,
                  List.of(
                      place.toString(),
                      Integer.toString(CUTS),
                      plant.toString(),
                      Long.toString(experiment.random().nextLong())));
    } catch (IOException e) {
      return new Ending(PowerCutEngine.NOT_HERE, String.valueOf(e.getMessage()));
    }
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    Ending ending = new Ending(process.exitValue(), Files.readString(output));
    boolean cannot =
        ending.status == PowerCutEngine.NOT_HERE || ending.output.startsWith("unshare: ");
    assumeFalse(cannot, () -> "NOT TESTED: power cuts: " + ending.output.strip());
    return ending;
  }

  @Test
  void whatWasShownSurvivesPowerCuts() throws Exception {
    Experiment experiment = Experiment.begin("power cuts");
    for (int disk = 0; disk < experiment.count(1, 5, 25); disk++) {
      Ending ending = run(disk, Plant.NONE, experiment);

      assertThat(ending.status).as("%s: %s", experiment, ending.output).isZero();
      experiment.report(ending.output.strip());
    }
  }

  @Test
  void aDatabaseThatDoesNotWaitForTheDiskIsFound() throws Exception {
    Experiment experiment = Experiment.begin("power cuts, planted " + Plant.UNSYNCED_COMMIT);

    Ending ending = run(0, Plant.UNSYNCED_COMMIT, experiment);

    assertThat(ending.status).as("%s: %s", experiment, ending.output).isEqualTo(1);
    assertThat(ending.output).contains("J1: ", "was acknowledged and is lost");
  }
}
