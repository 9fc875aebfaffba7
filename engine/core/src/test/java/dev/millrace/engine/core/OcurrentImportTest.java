package dev.millrace.engine.core;

import static dev.millrace.engine.core.OcurrentDatabase.add;
import static dev.millrace.engine.core.OcurrentDatabase.bytes;
import static dev.millrace.engine.core.OcurrentDatabase.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.base.ManualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an engine that starts on a state directory of OCurrent shows its history, its logs and its
 * log rules, goes on from its results, and leaves its database as it was (U1). Method: a database
 * with the original's schema, filled as the original fills it.
 */
class OcurrentImportTest {
  private static final int ROWS = 20_000;

  @TempDir Path state;

  private OcurrentDatabase original = new OcurrentDatabase(Path.of(""));

  @BeforeEach
  void makeOriginal() throws Exception {
    original = OcurrentDatabase.create(state);
  }

  private Path file() {
    return original.file();
  }

  @Test
  void whatTheOriginalRecordedIsShownAndGoneOnWith() throws Exception {
    original.fill(
        insert -> {
          add(insert, 1, bytes("good"), true, bytes("old"), 0);
          add(insert, 2, bytes("good"), true, bytes("new"), 1);
          add(insert, 3, bytes("bad"), false, bytes("It broke"), 0);
          add(insert, 4, bytes("stopped"), false, bytes("Cancelled"), 0);
          add(insert, 5, bytes("strange"), true, new byte[] {(byte) 0xC3, 0x28}, 0);
          add(insert, 6, new byte[] {(byte) 0xC3, 0x28}, true, bytes("x"), 0);
          insert.setString(3, "not/an id");
          insert.setInt(7, 7);
          insert.addBatch();
        });
    Path log = state.resolve("job").resolve(id(2) + ".log");
    Files.createDirectories(log.getParent());
    Files.writeString(log, "2024-05-06 07:08.09: New job\nerror: x\n");
    byte[] before = Files.readAllBytes(file());

    AtomicInteger ran = new AtomicInteger();
    Doing doing =
        new Doing(
            job -> {
              ran.incrementAndGet();
              job.start(Level.HARMLESS);
              return "done again";
            });
    for (int start = 0; start < 2; start++) {
      try (TestEngine engine =
          TestEngine.start(
              state,
              ManualTime.atNoon(),
              config -> config,
              made -> made.run("doing", doing, Current.of("good")))) {
        assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
        assertThat(engine.control().listJobs(JobQuery.newest(100)))
            .extracting(job -> job.id().value(), JobSummary::state)
            .contains(
                tuple(id(1), StageState.PASSED),
                tuple(id(2), StageState.PASSED),
                tuple(id(3), StageState.FAILED),
                tuple(id(4), StageState.CANCELLED),
                tuple(id(5), StageState.PASSED),
                tuple(id(6), StageState.PASSED));
        JobSummary newest = engine.control().findJob(JobId.parse(id(2))).orElseThrow();
        assertThat(newest.started()).contains(Instant.parse("2024-05-06T07:08:10Z"));
        assertThat(newest.finished()).contains(Instant.parse("2024-05-06T07:09:09Z"));
        assertThat(engine.control().findJob(JobId.parse(id(3))).orElseThrow().message())
            .contains("It broke");
        assertThat(engine.control().listHistory(newest.id(), 10))
            .extracting(JobSummary::build)
            .containsExactly(1L, 0L);
        assertThat(engine.log(newest.id())).endsWith("error: x\n");
        assertThat(engine.control().logRules().list())
            .containsExactly(new LogRule("error: (.*)", "It says \\1", 10));
      }
    }
    assertThat(ran).hasValue(0);
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void whatCannotBeDecodedIsDoneAgain() throws Exception {
    original.fill(insert -> add(insert, 1, bytes("k"), true, new byte[] {(byte) 0xC3, 0x28}, 0));
    AtomicInteger ran = new AtomicInteger();
    Doing doing =
        new Doing(
            job -> {
              ran.incrementAndGet();
              job.start(Level.HARMLESS);
              return "x";
            });
    try (TestEngine engine =
        TestEngine.start(state, made -> made.run("doing", doing, Current.of("k")))) {
      engine.awaitResult(StageState.PASSED);
      assertThat(ran).hasValue(1);
      assertThat(engine.job("doing").build()).isEqualTo(1);
    }
  }

  private SqliteFile target(String name) {
    return new SqliteFile(state.resolve(name), state);
  }

  private static List<JobRecord> all(JobStore store) {
    return store.list(
        new JobQuery("", Set.of(), Optional.empty(), JobQuery.Order.OLDEST, 0, 1), ROWS);
  }

  @Test
  void aLongHistoryIsTakenOverWhole() throws Exception {
    original.fillMany(ROWS);
    try (JobStore store = JobStore.open(target("new.sqlite"));
        Writer writer = store.openWriter()) {
      new OcurrentImport(file(), store, writer).run();

      assertThat(all(store))
          .extracting(job -> job.id().value())
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, ROWS).mapToObj(OcurrentDatabase::id).toList());
      assertThat(store.find(JobId.parse(id(ROWS - 1))).orElseThrow().outcome())
          .contains("outcome " + (ROWS - 1));
    }
  }

  /** Goal: the next start goes on where the one before was cut short, wherever that was. */
  @Test
  void anImportThatIsCutShortIsGoneOnWith() throws Exception {
    int groups = 50;
    int size = 4;
    original.fillMany(groups * size);
    List<List<JobRecord>> results = new ArrayList<>();
    try (JobStore store = JobStore.open(target("cut.sqlite"))) {
      for (int cut = 0; cut <= groups; cut++) {
        try (Writer writer = store.openWriter()) {
          writer.handle().execute("DELETE FROM import");
          writer.handle().execute("DELETE FROM job");
          // As a kill in the middle of the transaction does, this leaves what was committed before.
          writer
              .handle()
              .execute(
                  "CREATE TRIGGER cut BEFORE INSERT ON job WHEN NEW.id = '%s' BEGIN SELECT RAISE(ABORT, 'cut'); END"
                      .formatted(id(Math.min(cut * size + 1, groups * size - 1))));
          OcurrentImport begun = new OcurrentImport(file(), store, writer, size);
          assertThatThrownBy(begun::run).hasStackTraceContaining("cut");
          writer.handle().execute("DROP TRIGGER cut");
        }
        assertThat(all(store)).hasSize(Math.min(cut, groups - 1) * size);
        try (Writer writer = store.openWriter()) {
          new OcurrentImport(file(), store, writer, size).run();
        }
        results.add(all(store));
      }
      assertThat(results.getFirst()).hasSize(groups * size);
      assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(results.getFirst()));
    }
  }

  @Test
  void aFileThatIsNoDatabaseIsNamed() throws Exception {
    Files.delete(file());
    Files.writeString(
        file(), "This is not a database, and long enough to be seen as none.".repeat(20));

    assertThatThrownBy(() -> Engine.start(EngineConfig.in(state), _ -> Current.of("x")))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("Move the file away");
  }
}
