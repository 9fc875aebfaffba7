package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.base.Experiment;
import dev.millrace.base.JavaProgram;
import dev.millrace.base.SystemCalls;
import dev.millrace.base.SystemCalls.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
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
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an engine that is killed while it brings records of the first version, and OCurrent's, to
 * what they are now loses none of them, and the next one goes on (U1). Method: {@link
 * MigratingEngine} is killed at one of its system calls after the other; the next engine must show
 * what an undisturbed one shows. A database without transactions must be found.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MigrationContract {
  private static final int OWN_ROWS = 200;

  /** More than two groups of the import. */
  private static final int OCURRENT_ROWS = 10_500;

  private Path directory = Path.of("");
  private JavaProgram program = JavaProgram.of(MigratingEngine.class);
  private List<Point> points = List.of();
  private List<String> whole = List.of();
  private Place old = new Place(Path.of(""), Optional.empty());

  /** Where an engine's records are. */
  record Place(Path state, Optional<DatabaseAddress> address) {
    EngineConfig config() {
      EngineConfig config = EngineConfig.in(state);
      return address.map(config::withDatabase).orElse(config);
    }

    Database database() {
      return address
          .<Database>map(PostgresServer::new)
          .orElseGet(() -> new SqliteFile(state.resolve("db/millrace.sqlite"), state));
    }
  }

  /** The system calls by which records come to where they are kept. */
  abstract Set<String> calls();

  /** An empty place. */
  abstract Place open(Path state) throws Exception;

  /** Has what is in the database of one place, if it is not in its directory, in another. */
  abstract Place copyDatabase(Place from, Path state) throws Exception;

  /** Waits until what a killed engine had the database do is over. */
  abstract void awaitRest(Place place) throws Exception;

  @BeforeAll
  void migrateUndisturbed(@TempDir Path shared) throws Exception {
    directory = shared;
    assumeTrue(SystemCalls.canInject(), "NOT TESTED: kills in a migration: no strace");
    Place rehearsal = open(Files.createDirectory(directory.resolve("rehearsal")));
    fillOwn(rehearsal);
    program = program.rehearsed(directory, MigratingEngine.arguments(rehearsal, Plant.NONE));
    old = open(Files.createDirectory(directory.resolve("old")));
    fillOwn(old);
    OcurrentDatabase.create(old.state).fillMany(OCURRENT_ROWS);
    Place life = copyOfOld(directory.resolve("life"));
    Path trace = directory.resolve("trace");
    assertThat(run(life, SystemCalls.list(trace, calls()), Plant.NONE)).isZero();
    points = SystemCalls.points(trace);
    assertThat(points).hasSizeGreaterThan(60);
    whole = show(life);
    assertThat(whole).hasSize(OWN_ROWS + OCURRENT_ROWS + 1);
  }

  private Place copyOfOld(Path state) throws Exception {
    try (Stream<Path> files = Files.walk(old.state)) {
      for (Path file : files.toList()) {
        Files.copy(file, state.resolve(old.state.relativize(file).toString()));
      }
    }
    return copyDatabase(old, state);
  }

  /** Records as the first version left them. */
  private static void fillOwn(Place place) throws Exception {
    Files.createDirectories(place.state.resolve("db"));
    try (HikariDataSource source = new HikariDataSource(place.database().connections())) {
      var _ =
          Flyway.configure(JobStore.class.getClassLoader())
              .dataSource(source)
              .locations("classpath:dev/millrace/engine/core/migrations")
              .target("1")
              .load()
              .migrate();
      try (Connection connection = source.getConnection()) {
        connection.setAutoCommit(false);
        fillOwn(connection);
        connection.commit();
      }
    }
  }

  private static void fillOwn(Connection connection) throws Exception {
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
  }

  private int run(Place place, List<String> wrapper, Plant plant) throws Exception {
    Path output = place.state.resolveSibling(place.state.getFileName() + ".output");
    Process process = program.start(wrapper, output, MigratingEngine.arguments(place, plant));
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("%s ends", wrapper).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    awaitRest(place);
    return process.exitValue();
  }

  /** All that an engine shows. */
  private static List<String> show(Place place) {
    try (Engine engine = Engine.start(place.config(), _ -> Current.of(""))) {
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
    String name = "%s-%s".formatted(plant, point.toString().replace(' ', '-'));
    Place place = copyOfOld(directory.resolve(name));
    int _ = run(place, point.kill(), plant);
    try {
      if (!show(place).equals(whole)) {
        return Optional.of(point + ": something is lost, or twice");
      }
    } catch (EngineException e) {
      return Optional.of(point + ": the next engine does not start: " + e.getMessage());
    }
    return Arrays.equals(originals(place), originals(old))
        ? Optional.empty()
        : Optional.of(point + ": the original's database was written");
  }

  private static byte[] originals(Place place) throws IOException {
    return Files.readAllBytes(place.state.resolve("db/sqlite.db"));
  }

  @Test
  void whoeverIsKilledInAMigrationIsGoneOnFrom() throws Exception {
    Experiment experiment = Experiment.begin("migrations of " + old.database());
    List<Point> chosen = SystemCalls.choose(points, experiment.count(2, 30, 1000));

    List<String> complaints = new ArrayList<>();
    for (Point point : chosen) {
      complaint(point, Plant.NONE).ifPresent(complaints::add);
    }

    assertThat(complaints).as("%s", experiment).isEmpty();
    experiment.report("killed at %d points, of %d".formatted(chosen.size(), points.size()));
  }

  /** The system call that brings the steps of a migration to the database. */
  abstract String writing();

  /** About how many such calls the steps take; what is left is the import's. */
  abstract int writesOfSteps();

  @Test
  void aDatabaseWithoutTransactionsIsFound() throws Exception {
    List<Point> writes =
        points.stream()
            .filter(point -> point.call().equals(writing()))
            .limit(writesOfSteps())
            .toList();

    Optional<String> complaint = Optional.empty();
    for (Point point : SystemCalls.choose(writes, 5)) {
      if (complaint.isEmpty()) {
        complaint = complaint(point, Plant.NO_TRANSACTIONS);
      }
    }

    assertThat(complaint).isPresent();
  }
}
