package dev.millrace.engine.core;

import dev.millrace.base.Sqlite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.List;

/** A database with the schema of OCurrent, filled as the original fills it. */
record OcurrentDatabase(Path file) {
  /** Makes one in a state directory, with a log rule that is one and one that is none. */
  static OcurrentDatabase create(Path state) throws Exception {
    OcurrentDatabase database = new OcurrentDatabase(state.resolve("db/sqlite.db"));
    Files.createDirectories(database.file.getParent());
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      for (String sql :
          List.of(
              "PRAGMA journal_mode=WAL",
              "CREATE TABLE cache (op TEXT NOT NULL, key BLOB, job_id TEXT NOT NULL, value BLOB,"
                  + " ok BOOL NOT NULL, outcome BLOB, build INTEGER NOT NULL, rebuild BOOL NOT NULL"
                  + " DEFAULT 0, ready DATETIME NOT NULL, running DATETIME, finished DATETIME NOT"
                  + " NULL, PRIMARY KEY (op, key, build))",
              "CREATE TABLE ops (op TEXT PRIMARY KEY)",
              "CREATE TABLE log_regexp (re TEXT PRIMARY KEY, report TEXT NOT NULL, score INTEGER"
                  + " NOT NULL)",
              "CREATE TABLE web_sessions (key TEXT PRIMARY KEY, value TEXT, expires INTEGER)",
              "INSERT INTO ops VALUES ('doing')",
              "INSERT INTO log_regexp VALUES ('error: (.*)', 'It says \\1', 10)",
              "INSERT INTO log_regexp VALUES ('broken(', 'none', 1)")) {
        boolean _ = statement.execute(sql);
      }
    }
    return database;
  }

  private Connection connect() throws Exception {
    return DriverManager.getConnection(Sqlite.url(file));
  }

  /** The id of a job. */
  static String id(int number) {
    return "2024-05-06/070809-doing-%06x".formatted(number);
  }

  /** Rows of jobs. */
  interface Rows {
    /** Adds them. */
    void add(PreparedStatement insert) throws Exception;
  }

  void fill(Rows rows) throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO cache (op, key, job_id, value, ok, outcome, build, rebuild, ready,"
                  + " running, finished) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '2024-05-06 07:08:09',"
                  + " '2024-05-06 07:08:10', '2024-05-06 07:09:09')")) {
        rows.add(insert);
        int[] _ = insert.executeBatch();
      }
      connection.commit();
    }
  }

  /** Adds a row. */
  static void add(
      PreparedStatement insert, int number, byte[] key, boolean ok, byte[] outcome, int build)
      throws Exception {
    insert.setString(1, "doing");
    insert.setBytes(2, key);
    insert.setString(3, id(number));
    insert.setBytes(4, bytes(""));
    insert.setInt(5, ok ? 1 : 0);
    insert.setBytes(6, outcome);
    insert.setInt(7, build);
    insert.addBatch();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Adds so many jobs that passed, two for each key. */
  void fillMany(int rows) throws Exception {
    fill(
        insert -> {
          for (int i = 0; i < rows; i++) {
            add(insert, i, bytes("k" + i / 2), true, bytes("outcome " + i), i % 2);
          }
        });
  }
}
