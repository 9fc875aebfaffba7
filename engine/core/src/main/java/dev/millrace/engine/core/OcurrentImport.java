package dev.millrace.engine.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.Sqlite;
import dev.millrace.engine.core.JobRecord.State;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what OCurrent has recorded in a state directory: its history of jobs and its log
 * rules, once. Its logs need nothing: they lie where ours do. Its database stays as it is.
 *
 * <p>Rows come in groups, each with a note of how far it is in the same transaction: what is cut
 * short is gone on with by the next start. Of what is there already, nothing is changed.
 *
 * <p>Outcomes are stored as the original's operations marshalled them. An operation of ours with
 * the same id and keys gets them to decode, as it gets its own; what it refuses, it does again.
 * Texts that are not UTF-8 are no outcomes of ours, and marked for that at once. Who was signed in
 * is not taken over: the cookie has another name here.
 */
final class OcurrentImport {
  private static final Logger LOG = LoggerFactory.getLogger(OcurrentImport.class);
  private static final String SOURCE = "ocurrent";
  private static final int GROUP = 5_000;

  /** What the original calls the failure of a job that somebody stopped. */
  private static final String CANCELLED = "Cancelled";

  private static final int DESCRIPTION_MAX = 200;

  private final Path original;
  private final JobStore store;
  private final Writer writer;
  private final int group;

  /** How far it is; in the table {@code import}. */
  private record Progress(long position, boolean complete) {}

  OcurrentImport(Path original, JobStore store, Writer writer) {
    this(original, store, writer, GROUP);
  }

  OcurrentImport(Path original, JobStore store, Writer writer, int group) {
    this.original = original;
    this.store = store;
    this.writer = writer;
    this.group = group;
  }

  /**
   * Takes over what has not been yet.
   *
   * @throws EngineException if the original's database cannot be read
   */
  void run() {
    Progress progress = progress();
    if (progress.complete) {
      return;
    }
    LOG.info("Taking over the records of OCurrent in \"{}\"", original);
    try (Connection connection =
        // Not written, not even to clean up after its last writer.
        DriverManager.getConnection(Sqlite.url(original) + "?open_mode=1")) {
      long taken = takeJobs(connection, progress.position);
      List<LogRule> rules = readRules(connection);
      writer.transact(
          _ -> {
            rules.forEach(this::insertIfNew);
            writer.update("UPDATE import SET complete = 1 WHERE source = ?", SOURCE);
          });
      LOG.info("Took over {} jobs and {} log rules of OCurrent", taken, rules.size());
    } catch (SQLException e) {
      throw new EngineException(
          "Cannot read the records of OCurrent in \"%s\": %s. Move the file away to begin without them"
              .formatted(original, Traces.rootMessage(e)),
          e);
    }
  }

  private Progress progress() {
    writer.transact(
        _ ->
            writer.update(
                "INSERT INTO import (source, position, complete) VALUES (?, 0, 0)"
                    + " ON CONFLICT (source) DO NOTHING",
                SOURCE));
    return writer
        .handle()
        .createQuery("SELECT position, complete FROM import WHERE source = :source")
        .bind("source", SOURCE)
        .map((row, _) -> new Progress(row.getLong("position"), row.getInt("complete") != 0))
        .one();
  }

  private long takeJobs(Connection connection, long first) throws SQLException {
    if (!hasTable(connection, "cache")) {
      return 0;
    }
    long position = first;
    long taken = 0;
    long left = 0;
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT rowid, op, CAST(key AS BLOB) AS key, job_id, CAST(value AS BLOB) AS value, ok,"
                + " CAST(outcome AS BLOB) AS outcome, build, rebuild,"
                + " strftime('%s', ready) AS ready, strftime('%s', running) AS running,"
                + " strftime('%s', finished) AS finished"
                + " FROM cache WHERE rowid > ? ORDER BY rowid LIMIT ?")) {
      select.setInt(2, group);
      while (true) {
        select.setLong(1, position);
        List<JobRecord> jobs = new ArrayList<>();
        int rows = 0;
        try (ResultSet row = select.executeQuery()) {
          for (; row.next(); rows++) {
            position = row.getLong("rowid");
            read(row).ifPresent(jobs::add);
          }
        }
        if (rows == 0) {
          break;
        }
        insert(jobs, position);
        taken += jobs.size();
        left += rows - jobs.size();
      }
    }
    if (left > 0) {
      LOG.warn("{} jobs of OCurrent have ids that are none here, and are left out", left);
    }
    return taken;
  }

  private void insert(List<JobRecord> jobs, long position) {
    writer.transact(
        now -> {
          store.insertIfNew(now, jobs);
          writer.update("UPDATE import SET position = ? WHERE source = ?", position, SOURCE);
        });
  }

  /** A row as a record of ours; none if it has no id of a job. */
  private static Optional<JobRecord> read(ResultSet row) throws SQLException {
    String id = String.valueOf(row.getString("job_id"));
    Optional<Instant> finished = time(row, "finished");
    if (!JobId.isOne(id) || finished.isEmpty()) {
      return Optional.empty();
    }
    String operation = row.getString("op");
    String key = text(row.getBytes("key"));
    boolean passed = row.getInt("ok") != 0;
    byte[] outcome = row.getBytes("outcome");
    Optional<String> said = decode(outcome);
    return Optional.of(
        new JobRecord(
            JobId.parse(id),
            operation,
            key,
            text(row.getBytes("value")),
            describe(operation, key),
            row.getLong("build"),
            passed
                ? State.PASSED
                : said.equals(Optional.of(CANCELLED)) ? State.CANCELLED : State.FAILED,
            passed ? Optional.empty() : Optional.of(said.orElseGet(() -> text(outcome))),
            passed ? said : Optional.empty(),
            row.getInt("rebuild") != 0 || said.isEmpty(),
            time(row, "ready").or(() -> finished).orElseThrow(),
            time(row, "running"),
            finished,
            Optional.empty(),
            false));
  }

  private static String describe(String operation, String key) {
    boolean readable = key.length() <= DESCRIPTION_MAX && key.chars().allMatch(c -> c >= ' ');
    return readable && !key.isBlank() ? operation + " " + key : operation;
  }

  /** Seconds since 1970, as SQLite has read them; empty for what is no time. */
  private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
    long seconds = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
  }

  /** Bytes as a text that no other bytes have. */
  private static String text(byte[] bytes) {
    return decode(bytes).orElseGet(() -> "0x" + HexFormat.of().formatHex(bytes));
  }

  private static Optional<String> decode(byte[] bytes) {
    try {
      return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static List<LogRule> readRules(Connection connection) throws SQLException {
    List<LogRule> rules = new ArrayList<>();
    if (!hasTable(connection, "log_regexp")) {
      return rules;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT re, report, score FROM log_regexp")) {
      while (row.next()) {
        String pattern = row.getString("re");
        String report = row.getString("report");
        List<String> problems = LogRule.problems(pattern, report);
        if (problems.isEmpty()) {
          rules.add(new LogRule(pattern, report, row.getInt("score")));
        } else {
          LOG.warn("A log rule of OCurrent is left out: {}", String.join(" ", problems));
        }
      }
    }
    return rules;
  }

  private static boolean hasTable(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    }
  }

  private void insertIfNew(LogRule rule) {
    writer.update(
        "INSERT INTO log_rule (pattern, report, score) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        rule.pattern(),
        rule.report(),
        rule.score());
  }
}
