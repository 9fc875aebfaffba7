package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins' tables do in every kind of database. */
abstract class PluginTablesContract {
  @TempDir Path state;

  /** The configuration of engines on the same database. */
  abstract EngineConfig config();

  private interface Use {
    void apply(PluginTables tables) throws Exception;
  }

  private void withTables(Use use) throws Exception {
    try (Engine engine = Engine.start(config(), _ -> Current.of("nothing"))) {
      use.apply(engine.tables("visits", PluginTablesContract.class));
    }
  }

  private static void add(PluginTables tables, String name) throws InterruptedException {
    tables.write(
        "A visit",
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement("INSERT INTO visits_visit (name, count) VALUES (?, 1)")) {
            insert.setString(1, name);
            int _ = insert.executeUpdate();
          }
        });
  }

  private static long count(PluginTables tables) {
    return tables.read(
        connection -> {
          try (PreparedStatement query =
                  connection.prepareStatement("SELECT count(*) FROM visits_visit");
              ResultSet row = query.executeQuery()) {
            return row.next() ? row.getLong(1) : -1;
          }
        });
  }

  @Test
  void whatIsWrittenIsThereAfterARestart() throws Exception {
    withTables(tables -> add(tables, "a"));
    withTables(
        tables -> {
          assertThat(count(tables)).isEqualTo(1);
          add(tables, "b");
          assertThat(count(tables)).isEqualTo(2);
        });
  }

  @Test
  void aChangeThatFailsLeavesNothingAndHarmsNobody() throws Exception {
    withTables(
        tables -> {
          add(tables, "a");

          assertThatThrownBy(
                  () ->
                      tables.write(
                          "Two visits",
                          connection -> {
                            for (String name : new String[] {"b", "a"}) {
                              try (PreparedStatement insert =
                                  connection.prepareStatement(
                                      "INSERT INTO visits_visit (name, count) VALUES (?, 1)")) {
                                insert.setString(1, name);
                                int _ = insert.executeUpdate();
                              }
                            }
                          }))
              .isInstanceOf(EngineException.class)
              .hasMessageStartingWith("Two visits cannot be stored: ")
              .hasRootCauseInstanceOf(SQLException.class);
          assertThatThrownBy(
                  () ->
                      tables.write(
                          "Nothing",
                          _ -> {
                            throw new IllegalStateException("a bug");
                          }))
              .isInstanceOf(EngineException.class)
              .hasMessage("Nothing cannot be stored: a bug");

          assertThat(count(tables)).isEqualTo(1);
          add(tables, "c");
          assertThat(count(tables)).isEqualTo(2);
        });
  }

  @Test
  void aReadThatFailsSaysWhy() throws Exception {
    withTables(
        tables ->
            assertThatThrownBy(
                    () ->
                        tables.read(
                            connection ->
                                Optional.of(
                                    connection
                                        .prepareStatement("SELECT x FROM nowhere")
                                        .executeQuery())))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("nowhere"));
  }

  @Test
  void aNameThatIsNoneIsRefused() throws Exception {
    try (Engine engine = Engine.start(config(), _ -> Current.of("nothing"))) {
      assertThatThrownBy(() -> engine.tables("Drop table", PluginTablesContract.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"Drop table\"");
    }
  }
}
