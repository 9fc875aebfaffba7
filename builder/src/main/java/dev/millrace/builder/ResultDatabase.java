package dev.millrace.builder;

import dev.millrace.base.Sqlite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of each snapshot beyond the store: when it was made and last used, and what stands
 * on what.
 *
 * <p>The store says what is there; this only adds to it, and is made to agree with it at each
 * start. The times of use are written with the next change or at closing: losing some of them costs
 * nothing.
 *
 * <p>Plain JDBC on one connection: a handful of statements, and the start of a command must stay
 * short. Thread-safe; the lock is that of the connection.
 */
final class ResultDatabase implements AutoCloseable {
  private static final int VERSION = 1;

  private final Connection connection;
  private final Map<SnapshotId, Instant> used = new LinkedHashMap<>();

  private ResultDatabase(Connection connection) {
    this.connection = connection;
  }

  /** Opens the database in a directory, which is made when missing. */
  static ResultDatabase open(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("builder.sqlite");
    try {
      Connection connection = DriverManager.getConnection(Sqlite.url(file));
      ResultDatabase database = new ResultDatabase(connection);
      database.prepare(file);
      return database;
    } catch (SQLException e) {
      throw failed("open \"%s\"".formatted(file), e);
    }
  }

  private void prepare(Path file) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = FULL");
      statement.execute("PRAGMA busy_timeout = 5000");
      int version;
      try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
        version = row.next() ? row.getInt(1) : 0;
      }
      if (version > VERSION) {
        throw new BuilderException(
            "Cannot use \"%s\": it is of version %d, this program knows up to %d; use a newer one"
                .formatted(file, version, VERSION),
            null);
      }
      statement.execute(
          """
          CREATE TABLE IF NOT EXISTS builds (
            id TEXT PRIMARY KEY,
            created INTEGER NOT NULL,
            used INTEGER NOT NULL,
            parent TEXT
          )""");
      statement.execute("CREATE INDEX IF NOT EXISTS builds_parent ON builds (parent)");
      statement.execute("CREATE INDEX IF NOT EXISTS builds_used ON builds (used)");
      statement.execute("PRAGMA user_version = " + VERSION);
    }
    connection.setAutoCommit(false);
  }

  /** Makes the database agree with the store. */
  synchronized void reconcile(List<Store.Stored> stored, Instant now) {
    Set<String> known = new HashSet<>();
    list().forEach(row -> known.add(row.id().hex()));
    transaction(
        "reconcile with the store",
        () -> {
          for (Store.Stored snapshot : stored) {
            if (!known.remove(snapshot.id().hex())) {
              insert(snapshot.id(), snapshot.base(), now);
            }
          }
          for (String gone : known) {
            update("DELETE FROM builds WHERE id = ?", gone);
          }
        });
  }

  /** Records a new snapshot. */
  synchronized void add(SnapshotId id, Optional<SnapshotId> base, Instant now) {
    transaction("add " + id, () -> insert(id, base, now));
  }

  private void insert(SnapshotId id, Optional<SnapshotId> base, Instant now) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO builds (id, created, used, parent) VALUES (?, ?, ?, ?)")) {
      insert.setString(1, id.hex());
      insert.setLong(2, now.toEpochMilli());
      insert.setLong(3, now.toEpochMilli());
      insert.setString(4, base.map(SnapshotId::hex).orElse(null));
      insert.executeUpdate();
    }
  }

  /** Notes that a snapshot was used. */
  synchronized void use(SnapshotId id, Instant now) {
    used.put(id, now);
  }

  synchronized void delete(SnapshotId id) {
    transaction(
        "delete " + id,
        () -> {
          used.remove(id);
          update("DELETE FROM builds WHERE id = ?", id.hex());
        });
  }

  /** The snapshots that stand on this one. */
  synchronized List<SnapshotId> children(SnapshotId id) {
    return query(
            "SELECT id, created, used, parent FROM builds WHERE parent = ? ORDER BY id", id.hex())
        .stream()
        .map(StoredResult::id)
        .toList();
  }

  /** All snapshots, the latest used last; of those used at once, what others stand on first. */
  synchronized List<StoredResult> list() {
    flush();
    return query(
        """
        WITH RECURSIVE depths (id, depth) AS (
          SELECT id, 0 FROM builds WHERE parent IS NULL
          UNION ALL
          SELECT builds.id, depth + 1 FROM builds JOIN depths ON parent = depths.id)
        SELECT id, created, used, parent FROM builds LEFT JOIN depths USING (id)
        ORDER BY used, depth, id""");
  }

  /** Snapshots on which none stands and that were not used since, the longest unused first. */
  synchronized List<SnapshotId> leaves(Instant before, int limit) {
    flush();
    return query(
            """
            SELECT id, created, used, parent FROM builds AS b
            WHERE used < %d AND NOT EXISTS (SELECT 1 FROM builds WHERE parent = b.id)
            ORDER BY used, id LIMIT %d"""
                .formatted(millis(before), limit))
        .stream()
        .map(StoredResult::id)
        .toList();
  }

  /** Any instant, also one that only says "all". */
  private static long millis(Instant instant) {
    return instant.isAfter(Instant.ofEpochMilli(Long.MAX_VALUE))
        ? Long.MAX_VALUE
        : instant.toEpochMilli();
  }

  private List<StoredResult> query(String sql, String... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      List<StoredResult> results = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          results.add(
              new StoredResult(
                  new SnapshotId(row.getString(1)),
                  Instant.ofEpochMilli(row.getLong(2)),
                  Instant.ofEpochMilli(row.getLong(3)),
                  Optional.ofNullable(row.getString(4)).map(SnapshotId::new)));
        }
      }
      return results;
    } catch (SQLException e) {
      throw failed("read the list of snapshots", e);
    }
  }

  /** Statements that belong together. */
  private interface Statements {
    void run() throws SQLException;
  }

  private void flush() {
    if (!used.isEmpty()) {
      transaction("note times of use", () -> {});
    }
  }

  private void transaction(String what, Statements statements) {
    try {
      writeUsed();
      statements.run();
      connection.commit();
      used.clear();
    } catch (SQLException e) {
      try {
        connection.rollback();
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw failed(what, e);
    }
  }

  private void writeUsed() throws SQLException {
    for (Map.Entry<SnapshotId, Instant> entry : used.entrySet()) {
      update(
          "UPDATE builds SET used = max(used, %d) WHERE id = ?"
              .formatted(entry.getValue().toEpochMilli()),
          entry.getKey().hex());
    }
  }

  private void update(String sql, String id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, id);
      statement.executeUpdate();
    }
  }

  private static BuilderException failed(String what, SQLException e) {
    return new BuilderException(
        "The builder's database failed to %s: %s".formatted(what, e.getMessage()), e);
  }

  @Override
  public synchronized void close() {
    try {
      flush();
    } finally {
      try {
        connection.close();
      } catch (SQLException e) {
        // Everything is committed; the next start checks the file.
      }
    }
  }
}
