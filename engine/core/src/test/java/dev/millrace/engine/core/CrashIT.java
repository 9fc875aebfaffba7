package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Sqlite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever an engine has shown survives its being killed at any moment, and errors of the
 * disk, and what it had begun is done again (D2, D4). Method: {@link CrashedEngine} is killed and
 * restarted until it settles; then its history, its records and its logs must tell the same story.
 * {@code -Dmillrace.seed} replays the choice of moments, {@code -Dmillrace.kills} sets how many.
 */
class CrashIT {
  private static final int KILLS = Integer.getInteger("millrace.kills", 20);
  private static final int ERRORS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  /** The directory of the engine at hand, below the test's own. */
  private String life = ".";

  private Path state() {
    return directory.resolve(life).resolve("state");
  }

  private Path historyFile() {
    return directory.resolve(life).resolve("history");
  }

  private List<String> history() {
    try {
      return Files.exists(historyFile()) ? Files.readAllLines(historyFile()) : List.of();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private long runs() {
    return history().stream().filter(line -> line.startsWith("run ")).count();
  }

  @Test
  void whatWasShownSurvivesEveryKillAndTheRestIsDoneAgain(TestReporter reporter) throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    reporter.publishEntry("seed", Long.toString(seed));
    Random random = new Random(seed);
    int kills = 0;
    while (kills < KILLS && runAndKill(random)) {
      kills++;
    }
    reporter.publishEntry("kills", Integer.toString(kills));
    assertThat(kills).isGreaterThan(3);
    List<Row> rows = settle("seed %d, %d kills".formatted(seed, kills));
    assertThat(rows).as("seed %d", seed).extracting(Row::state).contains("interrupted");
  }

  /** An error of the disk ends the engine: what follows a failed sync could be lost. */
  @Test
  void whatWasShownSurvivesErrorsOfTheDisk(TestReporter reporter) throws Exception {
    assumeTrue(canInject(), "NOT TESTED: errors of the disk: strace cannot inject them here");
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    reporter.publishEntry("seed", Long.toString(seed));
    Random random = new Random(seed);
    int failed = 0;
    for (int i = 0; i < ERRORS; i++) {
      life = "life-" + i;
      Files.createDirectory(directory.resolve(life));
      String call = i % 3 == 2 ? "pwrite64" : "fsync";
      int nth = 1 + random.nextInt(60);
      String story = "seed %d: the %dth %s fails".formatted(seed, nth, call);
      Process engine =
          start(
              "strace",
              "-f",
              "-qq",
              "-o",
              "/dev/null",
              "-e",
              "trace=" + call,
              "-e",
              "inject=%s:error=EIO:when=%d".formatted(call, nth));
      assertThat(engine.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(story).isTrue();
      failed += engine.exitValue() == 0 ? 0 : 1;
      List<Row> _ = settle(story);
    }
    assertThat(failed).as("seed %d: engines that failed", seed).isGreaterThan(ERRORS / 2);
    assertThat(output()).contains("The records in \"" + directory);
  }

  private static boolean canInject() throws Exception {
    try {
      Process probe =
          new ProcessBuilder(
                  "strace", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true")
              .start();
      return probe.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private List<Row> settle(String story) throws Exception {
    Process last = start();
    assertThat(last.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(story).isTrue();
    assertThat(last.exitValue()).as(output()).isZero();
    assertThat(history()).as(story).last().isEqualTo("settled");
    List<Row> rows = rows();
    assertNothingShownRanAgain(story);
    assertEachRestartShowedAllAtOnce(story);
    assertRecords(rows, story);
    assertLogs(rows, story);
    return rows;
  }

  /** Kills an engine at some moment; false if it had ended before. */
  private boolean runAndKill(Random random) throws Exception {
    // Most die at work, some while they start.
    long until = runs() + random.nextInt(9);
    Duration nap = Duration.ofNanos(random.nextInt(20_000_000));
    Duration start = Duration.ofMillis(random.nextInt(600));
    boolean early = random.nextInt(6) == 0;
    Process engine = start();
    if (early) {
      boolean _ = engine.waitFor(start.toNanos(), TimeUnit.NANOSECONDS);
    } else {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> runs() > until || !engine.isAlive());
      boolean _ = engine.waitFor(nap.toNanos(), TimeUnit.NANOSECONDS);
    }
    boolean killed = engine.isAlive();
    engine.destroyForcibly().waitFor();
    if (!killed) {
      assertThat(engine.exitValue()).as(output()).isIn(0, 137);
    }
    return killed;
  }

  private Process start(String... wrapper) throws IOException {
    List<String> command = new ArrayList<>(List.of(wrapper));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            CrashedEngine.class.getName(),
            state().toString(),
            historyFile().toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("output").toFile()))
        .start();
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }

  private void assertNothingShownRanAgain(String story) {
    Set<String> shown = new LinkedHashSet<>();
    for (String line : history()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "shown" -> shown.add(words[1]);
        case "run" ->
            assertThat(shown).as("%s: %s was shown as ended", story, line).doesNotContain(words[1]);
        default -> {}
      }
    }
  }

  private void assertEachRestartShowedAllAtOnce(String story) {
    Set<String> before = new LinkedHashSet<>();
    Set<String> now = new LinkedHashSet<>();
    for (String line : history()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "start" -> {
          before.addAll(now);
          now = new LinkedHashSet<>();
        }
        case "shown" -> now.add(words[1]);
        case "began" -> assertThat(now).as(story).containsAll(before);
        default -> {}
      }
    }
  }

  private record Row(String id, String stage, String state, String message, long build) {
    boolean isResult() {
      return state.equals("passed") || state.equals("failed");
    }
  }

  private List<Row> rows() throws Exception {
    List<Row> rows = new ArrayList<>();
    try (Connection database =
            DriverManager.getConnection(Sqlite.url(state().resolve("db/millrace.sqlite")));
        Statement statement = database.createStatement()) {
      try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
        assertThat(check.next()).isTrue();
        assertThat(check.getString(1)).isEqualTo("ok");
      }
      try (ResultSet row = statement.executeQuery("SELECT * FROM job ORDER BY created, id")) {
        while (row.next()) {
          rows.add(
              new Row(
                  row.getString("id"),
                  row.getString("description"),
                  row.getString("state"),
                  String.valueOf(row.getString("message")),
                  row.getLong("build")));
        }
      }
    }
    return rows;
  }

  private Map<String, byte[]> storedLogs() throws Exception {
    Map<String, byte[]> logs = new LinkedHashMap<>();
    try (Connection database =
            DriverManager.getConnection(Sqlite.url(state().resolve("db/millrace.sqlite")));
        Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery("SELECT job, content FROM log")) {
      while (row.next()) {
        logs.put(row.getString("job"), row.getBytes("content"));
      }
    }
    return logs;
  }

  private void assertRecords(List<Row> rows, String story) {
    Map<String, List<Row>> byStage = new LinkedHashMap<>();
    rows.forEach(row -> byStage.computeIfAbsent(row.stage, _ -> new ArrayList<>()).add(row));
    int failing = (CrashedEngine.CHAINS + CrashedEngine.FAILING - 1) / CrashedEngine.FAILING;
    assertThat(byStage).as(story).hasSize(2 * CrashedEngine.CHAINS - failing);
    byStage.forEach(
        (stage, builds) -> {
          List<Row> ordered =
              builds.stream().sorted(java.util.Comparator.comparingLong(Row::build)).toList();
          for (int i = 0; i < ordered.size(); i++) {
            Row row = ordered.get(i);
            assertThat(row.build).as("%s: %s", story, ordered).isEqualTo(i);
            // One result, the last; what was cut short says so.
            assertThat(row.isResult())
                .as("%s: %s", story, ordered)
                .isEqualTo(i == ordered.size() - 1);
            if (!row.isResult()) {
              assertThat(row.state).isEqualTo("interrupted");
              assertThat(row.message).contains("Millrace ended while this job was open");
            }
          }
        });
    Map<String, Row> byId = new LinkedHashMap<>();
    rows.forEach(row -> byId.put(row.id, row));
    history().stream()
        .filter(line -> line.startsWith("run "))
        .forEach(
            line -> assertThat(byId).as("%s: %s", story, line).containsKey(line.split(" ", -1)[2]));
  }

  private void assertLogs(List<Row> rows, String story) throws Exception {
    Map<String, byte[]> stored = storedLogs();
    for (Row row : rows) {
      Path file = state().resolve("job").resolve(row.id + ".log");
      // A log is in one place, and that of what failed is a file.
      assertThat(Files.exists(file))
          .as("%s: %s", story, row)
          .isEqualTo(!stored.containsKey(row.id));
      if (row.state.equals("failed")) {
        assertThat(file).as("%s: %s", story, row).exists();
      }
      byte[] bytes = stored.containsKey(row.id) ? stored.get(row.id) : Files.readAllBytes(file);
      String log = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      String name = "%s: log of %s".formatted(story, row);
      switch (row.state) {
        case "passed" ->
            assertThat(log).as(name).contains("New job: " + row.stage).endsWith("Job succeeded\n");
        case "failed" -> assertThat(log).as(name).endsWith("Job failed: it always fails\n");
        default ->
            assertThat(log)
                .as(name)
                .endsWith("Interrupted: Millrace ended while this job was open\n");
      }
    }
  }
}
