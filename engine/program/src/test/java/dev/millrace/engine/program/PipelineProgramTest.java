package dev.millrace.engine.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Operation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a program around a pipeline does what its options say. Method: the whole program on a real
 * engine and real pages; one stage fails for the key "bad".
 */
class PipelineProgramTest {
  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private record Greet() implements Operation<String, String, String> {
    @Override
    public String id() {
      return "greet";
    }

    @Override
    public String describe(String key, String value) {
      return "greet " + key;
    }

    @Override
    public String keyDigest(String key) {
      return key;
    }

    @Override
    public String valueDigest(String value) {
      return value;
    }

    @Override
    public String encode(String outcome) {
      return outcome;
    }

    @Override
    public String decode(String text) {
      return text;
    }

    @Override
    public String run(Job job, String key, String value) throws Exception {
      job.start(Level.AVERAGE);
      byte[] line = "looking for them\n".getBytes(UTF_8);
      job.write(line, 0, line.length);
      if (key.equals("bad")) {
        throw new JobFailedException("nobody there");
      }
      return value + ", " + key;
    }
  }

  private static Function<Engine, Current<?>> greetings(String... names) {
    return engine -> {
      List<Current<?>> all = new ArrayList<>();
      for (String name : names) {
        Current<String> greeting =
            engine.run("greet", new Greet(), Current.of(name), Current.of("Hello"));
        all.add(engine.run("again", new Greet(), greeting, Current.of("Hello")));
      }
      return Current.allDone(all);
    };
  }

  private int run(Function<Engine, Current<?>> pipeline, String... options) {
    List<String> args = new ArrayList<>(List.of("--state-dir", directory.toString()));
    args.addAll(List.of(options));
    return PipelineProgram.of("greetings", pipeline)
        .describedAs("Greets.")
        .run(args, new PrintWriter(out, true), new PrintWriter(err, true));
  }

  @Test
  void onceEndsWithAListWhenAllHasPassed() {
    assertThat(run(greetings("ann"), "--once", "--port", "0")).as(err.toString()).isZero();

    assertThat(out.toString())
        .containsPattern("  greet ann +✓ passed")
        .contains("greet Hello, ann")
        .endsWith("\nPassed\n");
    assertThat(err.toString()).containsPattern("Serving http://localhost:[0-9]+/");
  }

  @Test
  void onceTellsWhatIsNeededToMendAFailure() {
    assertThat(run(greetings("ann", "bad"), "--once", "--port", "0")).isEqualTo(1);

    assertThat(out.toString())
        .contains("\ngreet bad: nobody there\n  | looking for them\n  log:  " + directory)
        .containsPattern("page: http://localhost:[0-9]+/job/[-0-9]+/")
        .endsWith("\nFailed: nobody there\n");
  }

  @Test
  void aPlanTellsWhatWouldRunAndRunsNothing() {
    assertThat(run(greetings("ann"), "--plan")).as(err.toString()).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            Would run:
              greet ann: it had never been run
            Known only once something of this has run:
              again
            1 of 1 would run; more may follow
            """);

    assertThat(run(greetings("ann"), "--once", "--port", "0")).isZero();
    out.getBuffer().setLength(0);
    assertThat(run(greetings("ann", "bad"), "--plan")).isZero();
    assertThat(out.toString())
        .contains("Would run:\n  greet bad (about 1s): it had never been run\n")
        .contains("Known, and would not run:\n  greet ann\n  greet Hello, ann\n")
        .contains("1 of 3 would run, about 1s of work where it was done before; more may follow");
  }

  @Test
  void whatCannotBeMeantIsOneLineAndWrongUse() {
    assertThat(run(greetings(), "--keep-logs", "soon")).isEqualTo(2);
    assertThat(run(greetings(), "--keep-logs", "1h")).isEqualTo(2);
    assertThat(run(greetings(), "--keep-history", "0")).isEqualTo(2);
    assertThat(run(greetings(), "--confirm", "lethal")).isEqualTo(2);
    assertThat(run(greetings(), "--log-size-max", "much")).isEqualTo(2);
    assertThat(run(greetings(), "--log-size-max", "1023KiB")).isEqualTo(2);
    assertThat(run(greetings(), "--confirm-auto-release", "10m")).isEqualTo(2);
    assertThat(run(greetings(), "--once", "--port", "70000")).isEqualTo(2);
    assertThat(err.toString().lines().filter(line -> line.startsWith("greetings: ")))
        .hasSize(8)
        .anyMatch(line -> line.contains("at least 1 MiB, was 1023 KiB"))
        .anyMatch(line -> line.contains("Cannot read \"much\" as a size"))
        .anyMatch(line -> line.contains("Cannot read \"soon\" as a time"))
        .anyMatch(line -> line.contains("expected one of harmless, mostly-harmless"));
  }

  @Test
  void aDatabaseHasItsPasswordInAFile() throws Exception {
    Path nowhere = directory.resolve("nowhere");

    assertThat(run(greetings(), "--once", "--database", "postgresql://me:sesame@127.0.0.1/ci"))
        .isEqualTo(2);
    assertThat(
            run(
                greetings(),
                "--once",
                "--database",
                "postgresql://me@127.0.0.1/ci",
                "--database-password-file",
                nowhere.toString()))
        .isEqualTo(2);
    assertThat(run(greetings(), "--once", "--database", "postgresql://me@127.0.0.1:1/ci"))
        .isEqualTo(3);
    assertThat(err.toString().lines().filter(line -> line.startsWith("greetings: ")))
        .hasSize(3)
        .anyMatch(line -> line.contains("has a password in it"))
        .anyMatch(line -> line.contains("password from \"" + nowhere))
        .anyMatch(line -> line.contains("Cannot open the database \"postgresql://127.0.0.1:1/ci"));
    assertThat(err.toString()).doesNotContain("sesame");
  }

  @Test
  void aSignOnNeedsAPluginThatKnowsASite() {
    assertThat(run(greetings(), "--once", "--public-url", "https://ci.example.org")).isEqualTo(2);
    assertThat(run(greetings(), "--once", "--admin", "github:1")).isEqualTo(2);
    assertThat(err.toString().lines())
        .anyMatch(line -> line.contains("no plugin on the class path knows a site"));
  }

  @Test
  void recordsOfANewerMillraceAreRefused() throws Exception {
    assertThat(run(greetings("ann"), "--once", "--port", "0")).isZero();
    try (Connection records =
            DriverManager.getConnection(
                "jdbc:sqlite:" + directory.resolve("db").resolve("millrace.sqlite"));
        Statement statement = records.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO flyway_schema_history SELECT 99, '1000', 'later', type, 'V1000__later.sql',"
              + " checksum, installed_by, installed_on, execution_time, success FROM"
              + " flyway_schema_history WHERE installed_rank = 1");
    }

    assertThat(run(greetings("ann"), "--once", "--port", "0")).isEqualTo(1);
    assertThat(err.toString()).contains("schema version 1000").contains("run the newer one");
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(run(greetings(), "--help")).isZero();
    assertThat(out.toString())
        .startsWith("Greets.\nUsage: greetings ")
        .contains("--once", "--plan", "--state-dir", "--confirm", "--confirm-auto-release")
        .contains(
            "--keep-logs",
            "--keep-history",
            "--log-size-max",
            "--database",
            "--database-password-file")
        .contains("--host", "--port", "--public-url", "--admin", "--viewer", "Exit codes:");
  }
}
