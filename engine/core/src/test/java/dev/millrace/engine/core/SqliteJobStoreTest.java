package dev.millrace.engine.core;

import java.nio.file.Files;
import java.nio.file.Path;

/** Goal: records in a SQLite file do what records do. */
class SqliteJobStoreTest extends JobStoreContract {
  @Override
  Database database() {
    return new SqliteFile(directory.resolve("records.sqlite"), directory);
  }

  @Override
  void clear() throws Exception {
    for (String suffix : new String[] {"", "-wal", "-shm"}) {
      boolean _ = Files.deleteIfExists(Path.of(directory.resolve("records.sqlite") + suffix));
    }
  }
}
