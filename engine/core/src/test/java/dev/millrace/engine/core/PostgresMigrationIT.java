package dev.millrace.engine.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;

/** The records are on a server, which outlives the engine that is killed. */
class PostgresMigrationIT extends MigrationContract {
  private Optional<TestPostgres> started = Optional.empty();

  private TestPostgres server() throws Exception {
    assumeTrue(
        Experiment.Tier.current() != Experiment.Tier.CHECK, "only with --nightly: takes minutes");
    if (started.isEmpty()) {
      started = Optional.of(TestPostgres.start());
    }
    return started.get();
  }

  @AfterAll
  void stopServer() throws Exception {
    if (started.isPresent()) {
      started.get().close();
    }
  }

  @Override
  Set<String> calls() {
    return Set.of(writing());
  }

  @Override
  String writing() {
    return "write";
  }

  @Override
  int writesOfSteps() {
    return 300;
  }

  @Override
  Place open(Path state) throws Exception {
    return new Place(state, Optional.of(server().newDatabase()));
  }

  @Override
  Place copyDatabase(Place from, Path state) throws Exception {
    return new Place(state, Optional.of(server().copyOf(from.address().orElseThrow())));
  }

  @Override
  void awaitRest(Place place) throws Exception {
    server().awaitRest(place.address().orElseThrow());
  }
}
