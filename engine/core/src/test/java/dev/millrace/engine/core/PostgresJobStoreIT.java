package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.engine.core.ActionRecord.What;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: records on a PostgreSQL server do what records do, and a server that goes away and comes
 * back is weather (P5): nothing is lost, nothing is done twice. Method: a real server, which the
 * tests crash and start again.
 */
class PostgresJobStoreIT extends JobStoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int WRITERS = 3;
  private static final int CRASHES = 3;
  private static final int CUTS = 5;

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

  private static TestPostgres server() {
    return started.orElseThrow();
  }

  @BeforeEach
  void makeDatabase() throws Exception {
    address = server().newDatabase();
  }

  @Override
  Database database() {
    return new PostgresServer(address);
  }

  @Override
  void clear() throws Exception {
    try (Connection connection = server().connect(address.database());
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("DROP SCHEMA public CASCADE");
      boolean _ = statement.execute("CREATE SCHEMA public");
    }
  }

  @Test
  void aSecondEngineIsRefused() {
    try (JobStore store = JobStore.open(database());
        Writer _ = store.openWriter()) {
      assertThatThrownBy(store::openWriter)
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("in use by another Millrace");
    }
    try (JobStore store = JobStore.open(database());
        Writer writer = store.openWriter()) {
      assertThat(writer.recover()).isFalse();
    }
  }

  /** Method: the note that a step was done cannot be committed, as after a kill in that moment. */
  @Test
  void aStepThatIsNotNotedIsNotDone() throws Exception {
    try (HikariDataSource source = new HikariDataSource(database().connections())) {
      var _ =
          Flyway.configure(JobStore.class.getClassLoader())
              .dataSource(source)
              .locations("classpath:dev/millrace/engine/core/migrations")
              .target("1")
              .load()
              .migrate();
    }
    try (Connection connection = server().connect(address.database());
        Statement statement = connection.createStatement()) {
      for (String sql :
          List.of(
              "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                  + " 'BEGIN RAISE ''refused''; END'",
              "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON flyway_schema_history"
                  + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()")) {
        boolean _ = statement.execute(sql);
      }
      assertThatThrownBy(() -> JobStore.open(database())).hasMessageContaining("refused");
      boolean _ = statement.execute("DROP TRIGGER refuse ON flyway_schema_history");
    }

    JobStore.open(database()).close();
  }

  @Test
  void aServerThatCannotBeReachedIsNamed() throws Exception {
    DatabaseAddress nobody = DatabaseAddress.parse("postgresql://me@127.0.0.1:1/nothing");

    assertThatThrownBy(() -> JobStore.open(new PostgresServer(nobody)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("postgresql://127.0.0.1:1/nothing");
  }

  @Test
  void aWrongPasswordIsSaidAndNotShown() {
    DatabaseAddress wrong = address.withPassword(dev.millrace.base.Secret.of("sesame"));

    assertThatThrownBy(() -> JobStore.open(new PostgresServer(wrong)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("password authentication failed")
        .hasMessageNotContaining("sesame");
  }

  /** Fails the next commit, before or after it is made. */
  private static final class FailingCommit {
    private final HikariDataSource source;
    private final AtomicReference<Optional<Boolean>> next = new AtomicReference<>(Optional.empty());

    FailingCommit(HikariDataSource source) {
      this.source = source;
    }

    void arm(boolean made) {
      next.set(Optional.of(made));
    }

    Connection connect() throws SQLException {
      Connection real = source.getConnection();
      return (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (_, method, arguments) -> {
                if (method.getName().equals("commit")) {
                  Optional<Boolean> made = next.getAndSet(Optional.empty());
                  if (made.isPresent()) {
                    if (made.get()) {
                      real.commit();
                    }
                    real.abort(Runnable::run);
                    throw new SQLException("The connection is lost", "08006");
                  }
                }
                try {
                  return method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  /**
   * Goal: it is known whether a commit was made whose answer was lost, and it is never made twice.
   */
  @Test
  void aLostAnswerToACommitIsFoundOut() throws Exception {
    try (JobStore store = JobStore.open(database());
        HikariDataSource source = connections()) {
      FailingCommit failing = new FailingCommit(source);
      try (Writer writer = Writer.open(Jdbi.create(failing::connect), database())) {
        for (boolean made : List.of(true, false, false, true, true)) {
          int before = store.actions(100).size();
          failing.arm(made);
          assertThatThrownBy(() -> writer.transact(now -> store.insert(now, action("me"))))
              .isInstanceOf(JdbiException.class)
              .satisfies(failure -> assertThat(database().passing(failure)).isPresent());
          assertThat(writer.recover()).isEqualTo(made);
          assertThat(store.actions(100)).hasSize(before + (made ? 1 : 0));
          writer.transact(now -> store.insert(now, action("you")));
          assertThat(store.actions(100)).hasSize(before + (made ? 2 : 1));
        }
      }
    }
  }

  /** Goal: an engine shows what it knows, and goes on by itself. */
  @Test
  void anEngineOutlivesItsServer() throws Exception {
    AtomicReference<Variable<String>> key = new AtomicReference<>();
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(
            directory.resolve("state"),
            dev.millrace.base.ManualTime.atNoon(),
            config -> config.withDatabase(address),
            made -> {
              key.set(made.variable("key", Outcome.ok("a")));
              return made.run("op", op, key.get().current(), Current.of(""));
            })) {
      op.pass("a", "A");
      engine.awaitResult(StageState.PASSED);

      server().crash();
      key.get().set("b");
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> engine.control().health() instanceof EngineControl.Health.Impaired);
      assertThat(((EngineControl.Health.Impaired) engine.control().health()).reason())
          .contains(address.toString())
          .contains("does not answer");
      assertThat(op.started()).containsExactly("a");
      assertThatThrownBy(() -> engine.control().listJobs(JobQuery.newest(1)))
          .isInstanceOfSatisfying(
              EngineException.class, failure -> assertThat(failure.isRetryable()).isTrue());

      server().launch();
      op.pass("b", "B");
      engine.await(
          "the second outcome",
          overview -> overview.settled() && op.started().equals(List.of("a", "b")));
      assertThat(engine.control().health()).isEqualTo(new EngineControl.Health.Good());
      assertThat(engine.control().listJobs(JobQuery.newest(5)))
          .extracting(JobSummary::state)
          .containsExactly(StageState.PASSED, StageState.PASSED);
    }
  }

  private static ActionRecord action(String who) {
    return new ActionRecord(NOON, who, What.SET_CONFIRM, "none", Optional.empty());
  }

  /**
   * Goal: what was acknowledged survives the server's crashes, and all that was submitted is
   * written exactly once. Method: a few threads that record jobs and actions, one after the other
   * each, while the server is crashed and connections are cut.
   */
  @Test
  void crashesOfTheServerLoseNothingAndRepeatNothing() throws Exception {
    AtomicReference<Optional<Throwable>> death = new AtomicReference<>(Optional.empty());
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger acknowledged = new AtomicInteger();
    List<JobId> jobs = new ArrayList<>();
    try (JobStore store = JobStore.open(database())) {
      Recorder recorder =
          Recorder.start(
              store, store.openWriter(), directory, cause -> death.set(Optional.of(cause)));
      try (var work = java.util.concurrent.Executors.newFixedThreadPool(WRITERS)) {
        try {
          List<Callable<List<JobId>>> writers = new ArrayList<>();
          for (int i = 0; i < WRITERS; i++) {
            int first = i * 100_000;
            writers.add(() -> write(recorder, first, enough, acknowledged));
          }
          var running = writers.stream().map(work::submit).toList();
          makeWeather(acknowledged);
          enough.set(true);
          for (var each : running) {
            jobs.addAll(each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
          }
        } finally {
          enough.set(true);
          assertThat(recorder.close(Deadline.in(PATIENCE))).isTrue();
        }
      }
      assertThat(death.get()).isEmpty();
      assertThat(recorder.trouble()).isEmpty();
      assertThat(jobs).hasSize(acknowledged.get());
      assertThat(store.actions(1_000_000)).hasSize(acknowledged.get());
      assertThat(
              store.list(new JobQuery("", java.util.Set.of(), Optional.empty(), 0, 1), 1_000_000))
          .allSatisfy(job -> assertThat(job.state()).isEqualTo(JobRecord.State.PASSED))
          .extracting(JobRecord::id)
          .containsExactlyInAnyOrderElementsOf(jobs);
    }
  }

  private static List<JobId> write(
      Recorder recorder, int first, AtomicBoolean enough, AtomicInteger acknowledged)
      throws InterruptedException {
    List<JobId> written = new ArrayList<>();
    for (int i = first; !enough.get(); i++) {
      JobRecord job = job(i, "key " + i, 0, JobRecord.State.OPEN, "a job");
      CountDownLatch begun = new CountDownLatch(1);
      recorder.submit((store, writer) -> store.insert(writer, job), begun::countDown);
      recorder.await(begun);
      CountDownLatch ended = new CountDownLatch(1);
      recorder.submit(
          (store, writer) -> {
            store.update(
                writer,
                job.ended(
                    JobRecord.State.PASSED,
                    Optional.empty(),
                    Optional.of("x"),
                    Optional.of(NOON),
                    NOON));
            store.insert(writer, action("me"));
          },
          ended::countDown);
      recorder.await(ended);
      written.add(job.id());
      acknowledged.incrementAndGet();
    }
    return written;
  }

  private void makeWeather(AtomicInteger acknowledged) throws Exception {
    for (int crash = 0; crash < CRASHES; crash++) {
      for (int cut = 0; cut < CUTS; cut++) {
        awaitMore(acknowledged);
        server()
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
                    .formatted(address.database()));
      }
      awaitMore(acknowledged);
      server().crash();
      server().launch();
    }
    awaitMore(acknowledged);
  }

  private static void awaitMore(AtomicInteger acknowledged) {
    int before = acknowledged.get();
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> acknowledged.get() > before + WRITERS);
  }
}
