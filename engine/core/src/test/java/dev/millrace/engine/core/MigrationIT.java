package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import dev.millrace.base.JavaProgram;
import dev.millrace.base.Sqlite;
import dev.millrace.base.SystemCalls;
import dev.millrace.base.SystemCalls.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an engine that is killed while it brings records of the first version, and OCurrent's, to
 * what they are now loses none of them, and the next one goes on (U1). Method: {@link
 * MigratingEngine} is killed at one of its system calls after the other; the next engine must show
 * what an undisturbed one shows.
 */
class MigrationIT {
  private static final Set<String> CALLS = Set.of("fsync", "fdatasync", "pwrite64", "ftruncate");

  private static final int OWN_ROWS = 200;

  /** More than two groups of the import. */
  private static final int OCURRENT_ROWS = 10_500;

  @TempDir static Path shared;
  @TempDir Path directory;

  private static JavaProgram program = JavaProgram.of(MigratingEngine.class);
  private static List<Point> points = List.of();
  private static List<String> whole = List.of();

  @BeforeAll
  static void migrateUndisturbed() throws Exception {
    assumeTrue(SystemCalls.canInject(), "NOT TESTED: kills in a migration: no strace");
    Path rehearsal = Files.createDirectory(shared.resolve("rehearsal"));
    fillOwn(rehearsal.resolve("state"));
    program =
        program.rehearsed(
            shared, List.of(rehearsal.resolve("state").toString(), Plant.NONE.toString()));
    fillOwn(old());
    OcurrentDatabase.create(old()).fillMany(OCURRENT_ROWS);
    Path life = copyOfOld(shared.resolve("life"));
    Path trace = shared.resolve("trace");
    assertThat(run(life, SystemCalls.list(trace, CALLS), Plant.NONE)).isZero();
    points = SystemCalls.points(trace);
    whole = show(life);
    assertThat(whole).hasSize(OWN_ROWS + OCURRENT_ROWS + 1);
  }

  private static Path old() {
    return shared.resolve("old");
  }

  private static Path copyOfOld(Path state) throws IOException {
    try (Stream<Path> files = Files.walk(old())) {
      for (Path file : files.toList()) {
        Files.copy(file, state.resolve(old().relativize(file).toString()));
      }
    }
    return state;
  }

  /** Records as the first version left them. */
  private static void fillOwn(Path state) throws Exception {
    Path file = state.resolve("db/millrace.sqlite");
    Files.createDirectories(file.getParent());
    String url = Sqlite.url(file) + "?journal_mode=WAL";
    var _ =
        Flyway.configure(JobStore.class.getClassLoader())
            .dataSource(url, null, null)
            .locations("classpath:dev/millrace/engine/core/migrations")
            .target("1")
            .load()
            .migrate();
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      try (PreparedStatement operation =
              connection.prepareStatement("INSERT INTO operation (id) VALUES ('op')");
          PreparedStatement job =
              connection.prepareStatement(
                  "INSERT INTO job (id, operation, cache_key, value, description, build, state,"
                      + " outcome, created) VALUES (?, 'op', ?, 'v', ?, 0, 'passed', ?, ?)")) {
        boolean _ = operation.execute();
        for (int i = 0; i < OWN_ROWS; i++) {
          job.setString(1, "2025-01-01/000000-op-%06x".formatted(i));
          job.setString(2, "key " + i);
          job.setString(3, "job " + i);
          job.setString(4, "outcome " + i);
          job.setLong(5, i);
          job.addBatch();
        }
        int[] _ = job.executeBatch();
      }
      connection.commit();
    }
  }

  private static int run(Path state, List<String> wrapper, Plant plant) throws Exception {
    Path output = state.resolveSibling(state.getFileName() + ".output");
    Process process = program.start(wrapper, output, List.of(state.toString(), plant.toString()));
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("%s ends", wrapper).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue();
  }

  /** All that an engine shows on a state directory. */
  private static List<String> show(Path state) {
    try (TestEngine engine = TestEngine.start(state, _ -> Current.of(""))) {
      List<String> shown = new ArrayList<>();
      List<JobSummary> jobs;
      do {
        jobs =
            engine
                .control()
                .listJobs(
                    new JobQuery(
                        "", Set.of(), Optional.empty(), JobQuery.Order.OLDEST, shown.size(), 1000));
        jobs.forEach(job -> shown.add(job.toString()));
      } while (!jobs.isEmpty());
      shown.add(engine.control().logRules().list().toString());
      return shown;
    }
  }

  private Optional<String> complaint(Point point, Plant plant) throws Exception {
    Path state = copyOfOld(directory.resolve(point.toString().replace(' ', '-')));
    int _ = run(state, point.kill(), plant);
    try {
      if (!show(state).equals(whole)) {
        return Optional.of(point + ": something is lost, or twice");
      }
    } catch (EngineException e) {
      return Optional.of(point + ": the next engine does not start: " + e.getMessage());
    }
    byte[] left = Files.readAllBytes(state.resolve("db/sqlite.db"));
    return Arrays.equals(left, Files.readAllBytes(old().resolve("db/sqlite.db")))
        ? Optional.empty()
        : Optional.of(point + ": the original's database was written");
  }

  private List<String> killAt(List<Point> chosen, Plant plant) throws Exception {
    List<String> complaints = new ArrayList<>();
    for (Point point : chosen) {
      complaint(point, plant).ifPresent(complaints::add);
    }
    return complaints;
  }

  @Test
  void whoeverIsKilledInAMigrationIsGoneOnFrom() throws Exception {
    Experiment experiment = Experiment.begin("migrations");
    List<Point> chosen = SystemCalls.choose(points, experiment.count(2, 30, 1000));

    assertThat(killAt(chosen, Plant.NONE)).as("%s", experiment).isEmpty();

    experiment.report("killed at %d points, of %d".formatted(chosen.size(), points.size()));
  }

  @Test
  void aDatabaseWithoutTransactionsIsFound() throws Exception {
    List<Point> first =
        points.stream().filter(point -> point.call().equals("pwrite64")).limit(60).toList();

    assertThat(killAt(SystemCalls.choose(first, 3), Plant.NO_TRANSACTIONS)).isNotEmpty();
  }
}
