package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import dev.millrace.base.Fuzz;
import dev.millrace.base.GuidedFuzz;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: no bytes make the readers of files, versions, formulas and filters fail in another way than
 * declared, take a second, or 256 MiB (F1). Method: mutants of a corpus; at night guided search
 * from it, and bugs planted behind the readers that the search must find.
 */
class OpamFuzzTest {
  private static final String READERS = "dev.millrace.opam.**";
  private static final List<String> WORDS =
      List.of(
          "[]", "()", "{}", "\"\"", "\"\"\"", "x: 1 ", "x {}", "!", "?", "&", "|", "=", "!=", ">=",
          "<", "~", "+=", "-1", "00", "true", "a:b", "%{a}%", "%%", "\\", "(*", "*)", "#");
  private static final List<byte[]> CORPUS = FuzzCorpus.ALL.stream().map(OpamText::encode).toList();

  @TempDir private Path directory;

  @Test
  void noTextsDoHarm() {
    Fuzz.of("opam texts", FuzzCorpus.ALL.toArray(String[]::new))
        .run(text -> FuzzTargets.fuzzerTestOneInput(OpamText.encode(text)));
  }

  @Test
  void noBytesDoHarm() throws Exception {
    assumeTrue(
        Experiment.Tier.current() != Experiment.Tier.CHECK, "guided searches are for nights");
    Experiment experiment = Experiment.begin("fuzzing opam files");

    GuidedFuzz.Result result =
        new GuidedFuzz(FuzzTargets.class, READERS, WORDS, List.of())
            .run(
                CORPUS,
                directory,
                experiment.random().nextLong(),
                Duration.ofSeconds(experiment.count(1, 1_800, 24 * 3_600)));

    assertThat(result.found()).as(() -> experiment + " " + result).isEmpty();
    experiment.report(result.toString());
  }

  @Test
  void plantedBugsAreFound() throws Exception {
    Experiment experiment = Experiment.begin("fuzzing opam files with bugs in them");
    assertThat(PlantedBugs.Bug.values())
        .as("to be looked for")
        .allMatch(bug -> CORPUS.stream().noneMatch(bug::strikes));
    assumeTrue(
        Experiment.Tier.current() != Experiment.Tier.CHECK, "planted bugs are looked for at night");
    Map<PlantedBugs.Bug, Long> inputs = new EnumMap<>(PlantedBugs.Bug.class);
    List<PlantedBugs.Bug> missed = new ArrayList<>();
    for (PlantedBugs.Bug bug : PlantedBugs.Bug.values()) {
      GuidedFuzz.Result result =
          new GuidedFuzz(PlantedBugs.class, READERS, WORDS, List.of("-Dmillrace.bug=" + bug))
              .run(
                  CORPUS,
                  directory.resolve(bug.name()),
                  experiment.random().nextLong(),
                  Duration.ofMinutes(10));

      if (result.found().isEmpty()) {
        missed.add(bug);
      } else {
        assertThat(result.output()).contains(bug.name());
      }
      inputs.put(bug, result.runs());
    }

    experiment.report(inputs.toString());
    assertThat(missed).as(experiment::toString).isEmpty();
  }
}
