package dev.millrace.engine.core;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Goal: an engine runs on a PostgreSQL server, and plugins have tables of their own there. */
class PostgresPluginTablesIT extends PluginTablesContract {
  private static Optional<TestPostgres> started = Optional.empty();

  private DatabaseAddress address;

  @BeforeAll
  static void startServer() throws Exception {
    started = Optional.of(TestPostgres.start());
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (started.isPresent()) {
      started.get().close();
    }
  }

  @BeforeEach
  void makeDatabase() throws Exception {
    address = started.orElseThrow().newDatabase();
  }

  @Override
  EngineConfig config() {
    return EngineConfig.in(state).withDatabase(address);
  }
}
