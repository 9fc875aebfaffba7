package dev.millrace.engine.core;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The records are in a file of the state directory. */
class SqliteMigrationIT extends MigrationContract {
  @Override
  Set<String> calls() {
    return Set.of("fsync", "fdatasync", writing(), "ftruncate");
  }

  @Override
  String writing() {
    return "pwrite64";
  }

  @Override
  int writesOfSteps() {
    return 60;
  }

  @Override
  Place open(Path state) {
    return new Place(state, Optional.empty());
  }

  @Override
  Place copyDatabase(Place from, Path state) {
    return open(state);
  }

  @Override
  void awaitRest(Place place) {
    // What is at work on a file dies with its process.
  }
}
