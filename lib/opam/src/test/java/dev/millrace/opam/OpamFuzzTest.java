package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Experiment;
import dev.millrace.base.GuidedFuzz;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: no bytes make the readers of files, versions, formulas and filters fail in another way than
 * declared, take a second, or 256 MiB (F1). Method: guided search from a corpus, and bugs planted
 * behind the readers that it must find.
 */
class OpamFuzzTest {
  private static final String READERS = "dev.millrace.opam.**";
  private static final List<byte[]> CORPUS = FuzzCorpus.ALL.stream().map(OpamText::encode).toList();

  @TempDir private Path directory;

  @Test
  void theCorpusDoesNoHarm() {
    assertThat(CORPUS).allSatisfy(FuzzTargets::fuzzerTestOneInput);
  }

  @Test
  void noBytesDoHarm() throws Exception {
    Experiment experiment = Experiment.begin("fuzzing opam files");

    GuidedFuzz.Result result =
        new GuidedFuzz(FuzzTargets.class, READERS, List.of())
            .run(
                CORPUS,
                directory,
                experiment.random().nextLong(),
                Duration.ofSeconds(experiment.count(4, 1_800, 24 * 3_600)));

    assertThat(result.found()).as(() -> experiment + " " + result).isEmpty();
    experiment.report(result.toString());
  }

  @Test
  void plantedBugsAreFound() throws Exception {
    Experiment experiment = Experiment.begin("fuzzing opam files with bugs in them");
    List<PlantedBugs.Bug> bugs = List.of(PlantedBugs.Bug.values());
    int first = experiment.random().nextInt(bugs.size());
    for (int i = 0; i < experiment.count(1, bugs.size(), bugs.size()); i++) {
      PlantedBugs.Bug bug = bugs.get((first + i) % bugs.size());

      GuidedFuzz.Result result =
          new GuidedFuzz(PlantedBugs.class, READERS, List.of("-Dmillrace.bug=" + bug))
              .run(
                  CORPUS,
                  directory.resolve(bug.name()),
                  experiment.random().nextLong(),
                  Duration.ofSeconds(60));

      assertThat(result.found()).as(() -> experiment + " " + bug + ": " + result).isPresent();
      assertThat(result.output()).contains(bug.name());
    }
    // In the corpus itself there is none of them: they had to be looked for.
    for (PlantedBugs.Bug bug : bugs) {
      assertThat(CORPUS).noneMatch(bug::strikes);
    }
  }
}
