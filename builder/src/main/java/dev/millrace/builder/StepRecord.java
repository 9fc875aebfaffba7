package dev.millrace.builder;

import dev.millrace.spec.Mounted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What made a snapshot, in its side file {@code step.json}: for lists, and to enter the snapshot as
 * the step did. Snapshots that OBuilder made have none.
 *
 * @param operation as specs have it
 * @param state what the step ran in; as numbers, whom it ran as
 * @param caches what it saw besides
 */
record StepRecord(String operation, Situation state, List<Cache> caches) {
  private static final String FILE = "step.json";
  private static final JsonMapper JSON = new JsonMapper();

  StepRecord {
    caches = List.copyOf(caches);
  }

  /** How a command of the step's kind is run. */
  record Situation(
      List<Sandbox.Variable> environment,
      User user,
      String workdir,
      List<String> shell,
      boolean network) {
    Situation {
      environment = List.copyOf(environment);
      shell = List.copyOf(shell);
    }
  }

  /** A named cache and where it was seen. */
  record Cache(String id, String target) {
    static List<Cache> of(List<Mounted> caches) {
      return caches.stream().map(cache -> new Cache(cache.id(), cache.target())).toList();
    }
  }

  void write(Path side) throws IOException {
    Files.write(side.resolve(FILE), JSON.writeValueAsBytes(this));
  }

  /** Of the snapshot whose side files are here. */
  static Optional<StepRecord> find(Path side) throws IOException {
    Path file = side.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), StepRecord.class));
    } catch (JacksonException e) {
      throw new BuilderException(
          "Cannot read \"%s\", which says what made a snapshot: delete the snapshot and build it again"
              .formatted(file),
          e);
    }
  }
}
