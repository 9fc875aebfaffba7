package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.engine.core.ActionRecord.What;
import dev.millrace.engine.core.Cache.Address;
import dev.millrace.engine.core.JobQuery.Order;
import dev.millrace.engine.core.JobRecord.State;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What records do in every kind of database. */
abstract class JobStoreContract {
  static final Instant NOON = Instant.parse("2026-01-02T12:00:00.123456Z");

  @TempDir Path directory;

  /** The same empty database for a test. */
  abstract Database database() throws Exception;

  /** Connections of the test's own. */
  final HikariDataSource connections() throws Exception {
    HikariConfig config = database().connections();
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  private interface Use {
    void apply(JobStore store, Writer writer) throws Exception;
  }

  private void withStore(Use use) throws Exception {
    try (JobStore store = JobStore.open(database());
        Writer writer = store.openWriter()) {
      use.apply(store, writer);
    }
  }

  static JobRecord job(int number, String key, long build, State state, String description) {
    return new JobRecord(
        JobId.parse("2026-01-02/120000-op-%06x".formatted(number)),
        "op",
        key,
        "value " + build,
        description,
        build,
        state,
        Optional.empty(),
        Optional.empty(),
        false,
        NOON.plusSeconds(number),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static JobRecord ended(JobRecord job, String message, String outcome) {
    return job.ended(
        State.PASSED,
        Optional.of(message),
        Optional.of(outcome),
        Optional.of(job.created().plusSeconds(1)),
        job.created().plusSeconds(3));
  }

  private static void insert(JobStore store, Writer writer, JobRecord... jobs) {
    writer.transact(now -> Arrays.stream(jobs).forEach(job -> store.insert(now, job)));
  }

  @Test
  void aJobComesBackAsItWas() throws Exception {
    String strange = "ä€\uD83D\uDE00\0 \u0001 \u00010 ' \" \\ % \n";
    String large =
        new Random(1)
            .ints(20_000, 32, 127)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    JobRecord begun =
        new JobRecord(
            JobId.parse("2026-01-02/120000-op-000001"),
            strange + "op",
            strange + large,
            strange + large,
            strange,
            7,
            State.OPEN,
            Optional.empty(),
            Optional.empty(),
            false,
            NOON,
            Optional.empty(),
            Optional.empty(),
            Optional.of(new JobReason(JobReason.Kind.FIRST, strange.replace("\0", ""), List.of())),
            true);
    withStore((store, writer) -> insert(store, writer, begun));
    JobRecord done = ended(begun, strange, strange + large);
    withStore(
        (store, writer) -> {
          assertThat(store.find(begun.id())).contains(begun);
          writer.transact(now -> store.update(now, done));
          assertThat(store.find(begun.id())).contains(done);
          assertThat(store.history(done.operation(), done.key(), 5)).containsExactly(done);
          assertThat(store.operations()).containsExactly(done.operation());
        });
  }

  @Test
  void theNewestResultOfAKeyIsKnownAndWhatCameAfterIt() throws Exception {
    JobRecord passed = ended(job(1, "k", 0, State.OPEN, "a"), "fine", "x");
    withStore(
        (store, writer) -> {
          insert(
              store,
              writer,
              passed,
              job(2, "k", 1, State.INTERRUPTED, "a"),
              job(3, "other", 0, State.OPEN, "b"));
          writer.read(
              now -> {
                assertThat(store.load(now, new Address("op", "k")))
                    .isEqualTo(new JobStore.Known(Optional.of(passed), 2));
                assertThat(store.load(now, new Address("op", "nothing")))
                    .isEqualTo(new JobStore.Known(Optional.empty(), 0));
              });
          writer.transact(now -> store.markForRebuild(now, new Address("op", "k")));
          writer.read(
              now ->
                  assertThat(
                          store.load(now, new Address("op", "k")).result().orElseThrow().rebuild())
                      .isTrue());
          assertThat(store.timeTaken("op", "k")).contains(Duration.ofSeconds(2));
        });
  }

  @Test
  void anOpenJobIsEndedByTheNextEngine() throws Exception {
    withStore(
        (store, writer) ->
            insert(
                store, writer, job(1, "k", 0, State.OPEN, "a"), job(2, "l", 0, State.FAILED, "a")));
    withStore(
        (store, writer) -> {
          JobId open = job(1, "k", 0, State.OPEN, "a").id();
          assertThat(store.leftOpen(writer.handle()))
              .containsExactly(new JobStore.LeftOpen(open, Optional.empty()));
          store.insert(
              writer,
              new ActionRecord(
                  NOON, "ada", ActionRecord.What.CANCEL, open.value(), Optional.empty()));
          assertThat(store.leftOpen(writer.handle()))
              .containsExactly(new JobStore.LeftOpen(open, Optional.of("ada")));
          store.close(writer.handle(), open, State.INTERRUPTED, "died", NOON);
          assertThat(store.leftOpen(writer.handle())).isEmpty();
          assertThat(store.find(open).orElseThrow().state()).isEqualTo(State.INTERRUPTED);
        });
  }

  private static List<String> descriptions(JobStore store, JobQuery query) {
    return store.list(query, 100).stream().map(JobRecord::description).toList();
  }

  @Test
  void jobsAreFoundByWhatTheyAreAndInOrder() throws Exception {
    withStore(
        (store, writer) -> {
          insert(
              store,
              writer,
              job(1, "1", 0, State.PASSED, "b 100%"),
              job(2, "2", 0, State.FAILED, "Zoo"),
              job(3, "3", 0, State.PASSED, "a_b"),
              job(4, "4", 0, State.PASSED, "é"),
              job(5, "5", 0, State.OPEN, "open"));
          JobQuery all = new JobQuery("", Set.of(), Optional.empty(), 0, 100);

          assertThat(descriptions(store, all)).containsExactly("é", "a_b", "Zoo", "b 100%");
          assertThat(
                  descriptions(
                      store,
                      new JobQuery("", Set.of(), Optional.empty(), Order.DESCRIPTION, 0, 100)))
              .containsExactly("Zoo", "a_b", "b 100%", "é");
          assertThat(descriptions(store, new JobQuery("0%", Set.of(), Optional.empty(), 0, 100)))
              .containsExactly("b 100%");
          assertThat(descriptions(store, new JobQuery("_", Set.of(), Optional.empty(), 0, 100)))
              .containsExactly("a_b");
          assertThat(
                  descriptions(store, new JobQuery("zOO OP", Set.of(), Optional.empty(), 0, 100)))
              .containsExactly("Zoo");
          assertThat(descriptions(store, all.withStates(Set.of(StageState.FAILED))))
              .containsExactly("Zoo");
          assertThat(
                  descriptions(
                      store,
                      all.withCreated(
                          new JobQuery.Period(
                              Optional.of(NOON.plusSeconds(3)), Optional.of(NOON.plusSeconds(4))))))
              .containsExactly("a_b");
          assertThat(store.count(all)).isEqualTo(4);
          assertThat(store.countByState(all).values().stream().mapToInt(n -> n).sum()).isEqualTo(4);
        });
  }

  @Test
  void oldJobsOfAKeyAreSurplusAndCanBeDeleted() throws Exception {
    withStore(
        (store, writer) -> {
          for (int i = 0; i < 5; i++) {
            insert(store, writer, job(i, "k", i, State.PASSED, "a"));
          }
          List<JobId> surplus = store.listSurplus(2, "", 100);
          assertThat(surplus).hasSize(3);
          writer.transact(now -> store.delete(now, surplus));
          assertThat(store.history("op", "k", 100))
              .extracting(JobRecord::build)
              .containsExactly(4L, 3L);
        });
  }

  @Test
  void jobsOfLongAgoAreInsertedOnceAndChangeNothing() throws Exception {
    JobRecord there = job(1, "k", 0, State.FAILED, "a");
    JobRecord sameId = job(1, "other", 0, State.PASSED, "b");
    JobRecord sameBuild = job(2, "k", 0, State.PASSED, "c");
    JobRecord another = job(3, "k", 1, State.PASSED, "d");
    withStore(
        (store, writer) -> {
          insert(store, writer, there);
          for (int i = 0; i < 2; i++) {
            writer.transact(now -> store.insertIfNew(now, List.of(sameId, sameBuild, another)));
          }
          assertThat(store.history("op", "k", 10)).containsExactly(another, there);
          assertThat(store.history("op", "other", 10)).isEmpty();
          writer.transact(now -> store.insertIfNew(now, List.of()));
        });
  }

  @Test
  void oldActionsGoUnlessTheirJobIsKnown() throws Exception {
    JobRecord known = job(1, "k", 0, State.OPEN, "a");
    withStore(
        (store, writer) -> {
          insert(store, writer, known);
          writer.transact(
              now -> {
                for (String target : List.of("gone", known.id().value(), "lost")) {
                  store.insert(
                      now, new ActionRecord(NOON, "me", What.REBUILD, target, Optional.empty()));
                }
                store.insert(
                    now,
                    new ActionRecord(
                        NOON.plusSeconds(1), "me", What.SET_CONFIRM, "none", Optional.empty()));
              });
          int[] gone = new int[2];
          writer.transact(now -> gone[0] = store.deleteActions(now, NOON.plusSeconds(1), 1));
          writer.transact(now -> gone[1] = store.deleteActions(now, NOON.plusSeconds(1), 5));

          assertThat(gone).containsExactly(1, 1);
          assertThat(store.actions(5))
              .extracting(ActionRecord::target)
              .containsExactly("none", known.id().value());
        });
  }

  @Test
  void actionsAreListedNewestFirst() throws Exception {
    ActionRecord done = new ActionRecord(NOON, "me\0", What.SET_CONFIRM, "none", Optional.empty());
    ActionRecord refused =
        new ActionRecord(NOON, "you", What.CANCEL, "a job", Optional.of("It has ended"));
    withStore(
        (store, writer) -> {
          writer.transact(now -> store.insert(now, done));
          writer.transact(now -> store.insert(now, refused));
          assertThat(store.actions(5)).containsExactly(refused, done);
        });
  }

  private interface RecorderUse {
    void apply(JobStore store, Recorder recorder) throws Exception;
  }

  private void withRecorder(RecorderUse use) throws Exception {
    try (JobStore store = JobStore.open(database())) {
      Recorder recorder = Recorder.start(store, store.openWriter(), directory, _ -> {});
      try {
        use.apply(store, recorder);
      } finally {
        assertThat(recorder.close(Deadline.in(Duration.ofSeconds(20)))).isTrue();
      }
    }
  }

  @Test
  void logRulesAndSignInsAreKept() throws Exception {
    LogRule rule = new LogRule("x{1,3} \"é'", "report %", 5);
    LogRule better = new LogRule(rule.pattern(), "another", 7);
    SignIns.SignIn signIn = new SignIns.SignIn("digest", "user", "name é", NOON.plusSeconds(60));
    withRecorder(
        (store, recorder) -> {
          StoredLogRules rules = StoredLogRules.load(store, recorder);
          rules.put(List.of(rule, new LogRule("gone", "r", 1)), "me");
          rules.put(List.of(better), "me");
          assertThat(rules.remove("gone", "me")).isTrue();
          new StoredSignIns(store, recorder).put(signIn, NOON);
        });
    withRecorder(
        (store, recorder) -> {
          assertThat(StoredLogRules.load(store, recorder).list()).containsExactly(better);
          assertThat(new StoredSignIns(store, recorder).find("digest")).contains(signIn);
          assertThat(new StoredSignIns(store, recorder).list(NOON)).containsExactly(signIn);
          assertThat(new StoredSignIns(store, recorder).list(signIn.end())).isEmpty();
          new StoredSignIns(store, recorder).removeAll("nobody", "me");
          assertThat(new StoredSignIns(store, recorder).find("digest")).isPresent();
          new StoredSignIns(store, recorder).removeAll("user", "me");
          assertThat(new StoredSignIns(store, recorder).find("digest")).isEmpty();
          new StoredSignIns(store, recorder).put(signIn, NOON);
          new StoredSignIns(store, recorder).remove("digest");
          assertThat(new StoredSignIns(store, recorder).find("digest")).isEmpty();
        });
  }

  // What came before, and what comes after.

  private Flyway schema(HikariDataSource source, MigrationVersion version) throws Exception {
    return Flyway.configure(JobStore.class.getClassLoader())
        .dataSource(source)
        .locations(
            database().migrations().stream()
                .map("classpath:dev/millrace/engine/core/"::concat)
                .toArray(String[]::new))
        .target(version)
        .load();
  }

  /** Goal: what any earlier version has recorded can be read and gone on with (U1). */
  @Test
  void everyEarlierSchemaIsBroughtToThePresentOne() throws Exception {
    List<MigrationVersion> versions;
    try (HikariDataSource source = connections()) {
      versions =
          Arrays.stream(schema(source, MigrationVersion.LATEST).info().all())
              .map(step -> step.getVersion())
              .toList();
    }
    assertThat(versions).hasSizeGreaterThanOrEqualTo(6);
    for (MigrationVersion version : versions) {
      clear();
      try (HikariDataSource source = connections()) {
        schema(source, version).migrate();
        try (Handle handle = org.jdbi.v3.core.Jdbi.create(source).open()) {
          handle.execute("INSERT INTO operation (id) VALUES ('op')");
          handle.execute(
              "INSERT INTO job (id, operation, cache_key, value, description, build, state, created)"
                  + " VALUES ('2025-01-01/000000-op-000000', 'op', 'k', 'v', 'd', 4, 'passed', 5)");
        }
      }
      withStore(
          (store, writer) -> {
            writer.read(
                now ->
                    assertThat(store.load(now, new Address("op", "k")).nextBuild())
                        .as("from version %s", version)
                        .isEqualTo(5));
            insert(store, writer, job(1, "k", 5, State.PASSED, "a"));
          });
    }
  }

  /** Makes the database as empty as it was. */
  abstract void clear() throws Exception;

  /** Goal: what is not understood is left as it is (U4). */
  @Test
  void aNewerSchemaIsRefusedBeforeAnythingIsWritten() throws Exception {
    withStore((_, _) -> {});
    try (HikariDataSource source = connections();
        Handle handle = org.jdbi.v3.core.Jdbi.create(source).open()) {
      handle.execute(
          "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
              + " checksum, installed_by, execution_time, success) VALUES (99, '1000', 'later', 'SQL',"
              + " 'V1000__later.sql', 1, 'x', 1, true)");
      long before = handle.createQuery("SELECT epoch FROM writer").mapTo(Long.class).one();

      assertThatThrownBy(() -> JobStore.open(database()))
          .isInstanceOf(NewerRecordsException.class)
          .hasMessageContainingAll(
              database().toString(), "schema version 1000", "run the newer one");
      assertThat(handle.createQuery("SELECT epoch FROM writer").mapTo(Long.class).one())
          .isEqualTo(before);
    }
  }

  @Test
  void whoeverWasFollowedByAnotherCannotWriteAnyMore() throws Exception {
    withStore(
        (store, writer) -> {
          insert(store, writer, job(1, "k", 0, State.PASSED, "a"));
          // What opening by another engine does; here the lock would keep it out.
          writer.handle().execute("UPDATE writer SET epoch = epoch + 1");

          Throwable refused =
              catchThrowable(() -> insert(store, writer, job(2, "l", 0, State.PASSED, "b")));

          assertThat(refused)
              .isInstanceOf(EngineException.class)
              .hasMessageContaining("taken over");
          assertThat(store.find(job(2, "l", 0, State.PASSED, "b").id())).isEmpty();
        });
  }

  @Test
  void whatIsUndoneLeavesTheWriterUsable() throws Exception {
    withStore(
        (store, writer) -> {
          JobRecord first = job(1, "k", 0, State.PASSED, "a");
          assertThatThrownBy(
                  () ->
                      writer.transact(
                          now -> {
                            store.insert(now, first);
                            throw new IllegalStateException("on purpose");
                          }))
              .hasMessage("on purpose");
          assertThat(writer.recover()).isFalse();
          assertThat(store.find(first.id())).isEmpty();
          insert(store, writer, first);
          assertThat(store.find(first.id())).contains(first);
        });
  }
}
