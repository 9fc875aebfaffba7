package dev.millrace.engine.core;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.base.FullDisk;
import dev.millrace.engine.core.JobRecord.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;

/**
 * The records of jobs in a database. Thread-safe; blocks. Writers pass a handle, so that many
 * writes share one transaction (see {@link Recorder}).
 */
final class JobStore implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 5;

  private static final String RESULT_STATES =
      Arrays.stream(State.values())
          .filter(State::isResult)
          .map(state -> "'" + text(state) + "'")
          .collect(Collectors.joining(", ", "(", ")"));

  /** In the order in which rows are made and read. */
  private static final String COLUMNS =
      "id, operation, cache_key, value, description, build, state, message, outcome, rebuild,"
          + " created, started, finished, reason, advisory";

  private static final String INSERT_JOB =
      "INSERT INTO job (%s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          .formatted(COLUMNS);
  private static final String SELECT_JOB = "SELECT %s FROM job".formatted(COLUMNS);

  private static final RowMapper<JobRecord> MAPPER = (row, _) -> read(row);

  private final Database database;
  private final HikariDataSource source;
  private final Jdbi jdbi;

  private JobStore(Database database, HikariDataSource source) {
    this.database = database;
    this.source = source;
    this.jdbi = Jdbi.create(source);
  }

  /**
   * Opens a database, making or migrating what is in it.
   *
   * @throws NewerRecordsException if a newer Millrace has migrated it; nothing is written then
   * @throws EngineException if it cannot be reached or used
   */
  static JobStore open(Database database) {
    HikariConfig config = database.connections();
    config.setMaximumPoolSize(CONNECTIONS_MAX);
    config.setMinimumIdle(1);
    config.setPoolName("millrace-records");
    try {
      return migrated(database, new HikariDataSource(config));
    } catch (com.zaxxer.hikari.pool.HikariPool.PoolInitializationException e) {
      throw unusable("open", database, e);
    } catch (FlywayException e) {
      throw unusable("prepare", database, e);
    }
  }

  private static EngineException unusable(String what, Database database, Exception cause) {
    String plain =
        "Cannot %s the database \"%s\": %s".formatted(what, database, Traces.rootMessage(cause));
    return new EngineException(
        FullDisk.isCauseOf(cause) ? database.passing(cause).orElse(plain) : plain, cause);
  }

  private static JobStore migrated(Database database, HikariDataSource source) {
    boolean done = false;
    try {
      Migrations.of(JobStore.class, database.migrations()).run(source, database.toString());
      done = true;
      return new JobStore(database, source);
    } finally {
      if (!done) {
        source.close();
      }
    }
  }

  /** Brings tables that live beside its own up to date. */
  void migrate(Migrations migrations) {
    try {
      migrations.run(source, database.toString());
    } catch (FlywayException e) {
      throw unusable("prepare", database, e);
    }
  }

  /**
   * Reads what is committed.
   *
   * @throws EngineException if it cannot be read; with the advice to try again if it will be
   */
  <T> T read(HandleCallback<T, RuntimeException> reading) {
    try (Handle handle = jdbi.open()) {
      return reading.withHandle(handle);
    } catch (JdbiException e) {
      throw unreadable(e);
    }
  }

  EngineException unreadable(Exception cause) {
    Optional<String> passing = database.passing(cause);
    return new EngineException(
        passing.orElseGet(
            () ->
                "Cannot read the database \"%s\": %s"
                    .formatted(database, Traces.rootMessage(cause))),
        cause,
        passing.isPresent());
  }

  /**
   * Opens it for writing.
   *
   * @throws EngineException if another engine writes it
   */
  Writer openWriter() {
    return Writer.open(jdbi, database);
  }

  /** See {@link Database#passing}. */
  Optional<String> passing(Throwable failure) {
    return database.passing(failure);
  }

  // Writing.

  void insert(Writer writer, JobRecord job) {
    insertOperation(writer, job);
    writer.update(INSERT_JOB, row(job));
  }

  /** Inserts jobs of long ago; of those that are there already, nothing is changed. */
  void insertIfNew(Writer writer, List<JobRecord> jobs) {
    try {
      for (JobRecord job : jobs) {
        insertOperation(writer, job);
        writer.bind(INSERT_JOB + " ON CONFLICT DO NOTHING", row(job)).addBatch();
      }
      if (!jobs.isEmpty()) {
        int[] _ = writer.bind(INSERT_JOB + " ON CONFLICT DO NOTHING").executeBatch();
      }
    } catch (SQLException e) {
      throw new TransactionException(e);
    }
  }

  private static void insertOperation(Writer writer, JobRecord job) {
    if (writer.isNew(job.operation())) {
      writer.update(
          "INSERT INTO operation (id) VALUES (?) ON CONFLICT (id) DO NOTHING", job.operation());
    }
  }

  private static @Nullable Object[] row(JobRecord job) {
    return new @Nullable Object[] {
      job.id().value(),
      job.operation(),
      job.key(),
      job.value(),
      job.description(),
      job.build(),
      text(job.state()),
      job.message().orElse(null),
      job.outcome().orElse(null),
      job.rebuild() ? 1 : 0,
      micros(job.created()),
      job.started().map(JobStore::micros).orElse(null),
      job.finished().map(JobStore::micros).orElse(null),
      job.reason().map(JobReason::encode).orElse(null),
      job.advisory() ? 1 : 0
    };
  }

  void update(Writer writer, JobRecord job) {
    writer.update(
        "UPDATE job SET state = ?, message = ?, outcome = ?, started = ?, finished = ? WHERE id ="
            + " ?",
        text(job.state()),
        job.message().orElse(null),
        job.outcome().orElse(null),
        job.started().map(JobStore::micros).orElse(null),
        job.finished().map(JobStore::micros).orElse(null),
        job.id().value());
  }

  void insertLog(Writer writer, JobId job, byte[] content) {
    writer.update("INSERT INTO log (job, content) VALUES (?, ?)", job.value(), content);
  }

  /** Marks every record of a key as not to be used any more. */
  void markForRebuild(Writer writer, Cache.Address address) {
    writer.update(
        "UPDATE job SET rebuild = 1 WHERE operation = ? AND cache_key = ? AND rebuild = 0",
        address.operation(),
        address.keyDigest());
  }

  void insert(Writer writer, ActionRecord action) {
    writer.update(
        "INSERT INTO action (number, happened, who, what, target, refusal) SELECT"
            + " coalesce(max(number), 0) + 1, ?, ?, ?, ?, ? FROM action",
        micros(action.happened()),
        action.who(),
        action.what().toString(),
        action.target(),
        action.refusal().orElse(null));
  }

  /**
   * Deletes the oldest actions, if they are older than {@code before} and what they were done to is
   * no job that is still known; says how many.
   */
  int deleteActions(Writer writer, Instant before, int limit) {
    return writer.update(
        "DELETE FROM action WHERE number IN (SELECT number FROM action WHERE happened < ? AND NOT"
            + " EXISTS (SELECT 1 FROM job WHERE job.id = action.target) ORDER BY number LIMIT ?)",
        micros(before),
        limit);
  }

  /** What was done, the newest first. */
  List<ActionRecord> actions(int limit) {
    return read(
        handle ->
            handle
                .createQuery("SELECT * FROM action ORDER BY number DESC LIMIT :limit")
                .bind("limit", limit)
                .map(
                    (row, _) ->
                        new ActionRecord(
                            instant(row.getLong("happened")),
                            StoredText.read(row.getString("who")),
                            ActionRecord.What.valueOf(
                                row.getString("what").toUpperCase(Locale.ROOT).replace('-', '_')),
                            StoredText.read(row.getString("target")),
                            Optional.ofNullable(row.getString("refusal")).map(StoredText::read)))
                .list());
  }

  /**
   * A job that was open when the last process died.
   *
   * @param canceller who had cancelled it, if somebody had
   */
  record LeftOpen(JobId id, Optional<String> canceller) {}

  List<LeftOpen> leftOpen(Handle handle) {
    return handle
        .createQuery(
            "SELECT id, (SELECT max(who) FROM action WHERE what = 'cancel' AND target = job.id AND"
                + " refusal IS NULL) AS canceller FROM job WHERE state = 'open' ORDER BY created, id")
        .map(
            (row, _) ->
                new LeftOpen(
                    JobId.parse(row.getString("id")),
                    Optional.ofNullable(row.getString("canceller"))))
        .list();
  }

  /** Ends the record of a job that was left open. */
  void close(Handle handle, JobId job, State state, String message, Instant now) {
    handle
        .createUpdate(
            "UPDATE job SET state = :state, message = :message, finished = :now WHERE id = :id")
        .bind("state", text(state))
        .bind("message", message)
        .bind("now", micros(now))
        .bind("id", job.value())
        .execute();
  }

  // Reading.

  /**
   * What is known of a key.
   *
   * @param result the newest record that holds a result
   * @param nextBuild the number of its next job
   */
  record Known(Optional<JobRecord> result, long nextBuild) {}

  Known load(Writer writer, Cache.Address address) {
    Optional<JobRecord> newest = newest(writer, address, "");
    boolean isResult = newest.map(job -> job.state().isResult()).orElse(true);
    return new Known(
        isResult ? newest : newest(writer, address, " AND state IN " + RESULT_STATES),
        newest.map(job -> job.build() + 1).orElse(0L));
  }

  private static Optional<JobRecord> newest(
      Writer writer, Cache.Address address, String condition) {
    try (ResultSet row =
        writer
            .bind(
                SELECT_JOB
                    + " WHERE operation = ? AND cache_key = ?"
                    + condition
                    + " ORDER BY build DESC LIMIT 1",
                address.operation(),
                address.keyDigest())
            .executeQuery()) {
      return row.next() ? Optional.of(read(row)) : Optional.empty();
    } catch (SQLException e) {
      throw new TransactionException(e);
    }
  }

  Optional<JobRecord> find(JobId id) {
    return read(
        handle ->
            handle
                .createQuery(SELECT_JOB + " WHERE id = :id")
                .bind("id", id.value())
                .map(MAPPER)
                .findOne());
  }

  List<JobRecord> history(String operation, String key, int limit) {
    return read(
        handle ->
            handle
                .createQuery(
                    SELECT_JOB
                        + " WHERE operation = :operation AND cache_key = :key ORDER BY build DESC"
                        + " LIMIT :limit")
                .bind("operation", StoredText.of(operation))
                .bind("key", StoredText.of(key))
                .bind("limit", limit)
                .map(MAPPER)
                .list());
  }

  /**
   * Ended jobs that are older than the newest result of their key by {@code kept} jobs or more, in
   * the order of their ids.
   *
   * @param after only ids after this
   */
  List<JobId> listSurplus(int kept, String after, int limit) {
    return read(
        handle ->
            handle
                .createQuery(
                    "SELECT id FROM job WHERE state <> 'open' AND id > :after AND build <= (SELECT"
                        + " max(other.build) FROM job other WHERE other.operation = job.operation"
                        + " AND other.cache_key = job.cache_key AND other.state IN "
                        + RESULT_STATES
                        + ") - :kept ORDER BY id LIMIT :limit")
                .bind("after", after)
                .bind("kept", kept)
                .bind("limit", limit)
                .mapTo(String.class)
                .map(JobId::parse)
                .list());
  }

  void delete(Writer writer, List<JobId> jobs) {
    jobs.forEach(job -> writer.update("DELETE FROM job WHERE id = ?", job.value()));
    deleteLogs(writer, jobs);
  }

  void deleteLogs(Writer writer, List<JobId> jobs) {
    jobs.forEach(job -> writer.update("DELETE FROM log WHERE job = ?", job.value()));
  }

  /** The log of a job, if it is in the records. */
  Optional<byte[]> findLog(JobId job) {
    return read(
        handle ->
            handle
                .createQuery("SELECT content FROM log WHERE job = :job")
                .bind("job", job.value())
                .mapTo(byte[].class)
                .findOne());
  }

  /**
   * Jobs whose logs are in the records, in the order of their ids.
   *
   * @param after only ids after this
   * @param before only ids before this
   */
  List<JobId> listLogs(String after, String before, int limit) {
    return read(
        handle ->
            handle
                .createQuery(
                    "SELECT job FROM log WHERE job > :after AND job < :before ORDER BY job LIMIT"
                        + " :limit")
                .bind("after", after)
                .bind("before", before)
                .bind("limit", limit)
                .mapTo(String.class)
                .map(JobId::parse)
                .list());
  }

  /** How long jobs that passed took: of a key, or else of the operation, the latest few. */
  Optional<Duration> timeTaken(String operation, String key) {
    return read(
        handle ->
            meanTime(handle, operation, Optional.of(key))
                .or(() -> meanTime(handle, operation, Optional.empty())));
  }

  private static Optional<Duration> meanTime(
      Handle handle, String operation, Optional<String> key) {
    Query query =
        handle
            .createQuery(
                "SELECT finished - started FROM job WHERE operation = :operation AND state ="
                    + " 'passed' AND started IS NOT NULL"
                    + (key.isPresent() ? " AND cache_key = :key" : "")
                    + " ORDER BY created DESC LIMIT 5")
            .bind("operation", StoredText.of(operation));
    key.ifPresent(digest -> query.bind("key", StoredText.of(digest)));
    List<Long> taken = query.mapTo(Long.class).list();
    return taken.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Duration.of(taken.stream().mapToLong(x -> x).sum() / taken.size(), ChronoUnit.MICROS));
  }

  List<String> operations() {
    return read(
        handle ->
            handle
                .createQuery("SELECT id FROM operation ORDER BY id")
                .mapTo(String.class)
                .map(StoredText::read)
                .list());
  }

  /** Ended jobs in the query's order, the first {@code limit} of them. */
  List<JobRecord> list(JobQuery query, int limit) {
    Optional<String> where = JobSearch.condition(query);
    if (where.isEmpty()) {
      return List.of();
    }
    return read(
        handle ->
            JobSearch.bound(
                    handle.createQuery(
                        SELECT_JOB
                            + " WHERE "
                            + where.get()
                            + " ORDER BY "
                            + JobSearch.order(query)
                            + " LIMIT :limit"),
                    query)
                .bind("limit", limit)
                .map(MAPPER)
                .list());
  }

  int count(JobQuery query) {
    Optional<String> where = JobSearch.condition(query);
    if (where.isEmpty()) {
      return 0;
    }
    return read(
        handle ->
            JobSearch.bound(
                    handle.createQuery("SELECT count(*) FROM job WHERE " + where.get()), query)
                .mapTo(Integer.class)
                .one());
  }

  /** How many rows a query that names no states finds in each. */
  Map<State, Integer> countByState(JobQuery query) {
    String where = JobSearch.condition(query).orElseThrow();
    String sql = "SELECT state, count(*) FROM job WHERE " + where + " GROUP BY state";
    Map<State, Integer> counts = new EnumMap<>(State.class);
    read(
        handle ->
            JobSearch.bound(handle.createQuery(sql), query)
                .map((row, _) -> counts.put(state(row.getString(1)), row.getInt(2)))
                .list());
    return counts;
  }

  private static State state(String text) {
    return State.valueOf(text.toUpperCase(Locale.ROOT));
  }

  // By number: to look for a name takes as long as to read what it stands for.
  private static JobRecord read(ResultSet row) throws SQLException {
    return new JobRecord(
        JobId.parse(row.getString(1)),
        StoredText.read(row.getString(2)),
        StoredText.read(row.getString(3)),
        StoredText.read(row.getString(4)),
        StoredText.read(row.getString(5)),
        row.getLong(6),
        state(row.getString(7)),
        optionalText(row, 8),
        optionalText(row, 9),
        row.getInt(10) != 0,
        instant(row.getLong(11)),
        optionalInstant(row, 12),
        optionalInstant(row, 13),
        optionalText(row, 14).flatMap(JobReason::decode),
        row.getInt(15) != 0);
  }

  private static Optional<String> optionalText(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getString(column)).map(StoredText::read);
  }

  private static Optional<Instant> optionalInstant(ResultSet row, int column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(instant(micros));
  }

  static String text(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  @Override
  public void close() {
    source.close();
  }
}
