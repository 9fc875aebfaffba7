package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: what a rule reports is why a job failed; no rule can cost more than its share of time. */
class LogRulesTest {
  private static final LogRule UNBOUND =
      new LogRule("Error: Unbound (module|value) (\\S+)", "Unbound \\1: \\2", 10);

  @TempDir Path state;

  private TestEngine failing(String output, Function<String, Exception> failure) {
    TextOperation failing = TextOperation.of("failing", (job, _, _) -> fail(job, output, failure));
    return TestEngine.start(
        state, engine -> engine.run("op", failing, Current.of("it"), Current.of("")));
  }

  private TestEngine failing(String output) {
    return failing(output, JobFailedException::new);
  }

  private static String fail(Job job, String output, Function<String, Exception> failure)
      throws Exception {
    job.start(Level.DANGEROUS);
    byte[] bytes = output.getBytes(StandardCharsets.UTF_8);
    job.write(bytes, 0, bytes.length);
    throw failure.apply("exited with 1");
  }

  private static JobSummary rebuild(TestEngine engine) {
    EngineControl.ActionResult result = engine.control().rebuild(engine.job("failing").id(), "mia");
    assertThat(result).isInstanceOf(EngineControl.ActionResult.Accepted.class);
    JobId next = ((EngineControl.ActionResult.Accepted) result).job();
    engine.await("build " + next + " to end", _ -> find(engine, next).finished().isPresent());
    return find(engine, next);
  }

  private static JobSummary find(TestEngine engine, JobId id) {
    return engine.control().findJob(id).orElseThrow();
  }

  @Test
  void whatTheBestRuleReportsIsTheReason() throws InterruptedException {
    try (TestEngine engine =
        failing("dune build\n\u001b[31mError\u001b[0m: Unbound module Foo\n")) {
      engine.awaitResult(StageState.FAILED, "exited with 1");
      LogRules rules = engine.control().logRules();
      rules.put(
          List.of(
              UNBOUND,
              new LogRule("build\\n(?i)error", "Some error", 1),
              new LogRule("nowhere", "No", 99)),
          "mia");

      JobSummary job = rebuild(engine);

      engine.awaitResult(StageState.FAILED, "Unbound module: Foo");
      assertThat(job.message()).contains("Unbound module: Foo");
      assertThat(engine.log(job.id()))
          .contains(": Work failed: exited with 1\n")
          .contains(
              "Log analysis:\n",
              ">>> Error: Unbound module Foo (score = 10, line 4)\n",
              ">>> build ⏎ Error (score = 1, line 3)\n")
          .endsWith("Job failed: Unbound module: Foo\n");
    }
  }

  @Test
  void rulesAndReasonsOutliveTheProcess() throws InterruptedException {
    try (TestEngine engine = failing("Error: Unbound value x\n")) {
      engine.awaitSettled();
      engine.control().logRules().put(List.of(UNBOUND), "mia");
      assertThat(rebuild(engine).message()).contains("Unbound value: x");
    }

    try (TestEngine engine = failing("")) {
      engine.awaitResult(StageState.FAILED, "Unbound value: x");
      assertThat(engine.control().logRules().list()).containsExactly(UNBOUND);
      assertThat(engine.control().logRules().remove(UNBOUND.pattern(), "mia")).isTrue();
      assertThat(engine.control().logRules().remove(UNBOUND.pattern(), "mia")).isFalse();
    }
    try (TestEngine engine = failing("")) {
      assertThat(engine.control().logRules().list()).isEmpty();
    }
  }

  @Test
  void aFaultOfTheServiceStaysOneWithTheReasonOfTheRule() throws InterruptedException {
    try (TestEngine engine = failing("mkfs: No space left on device\n", IOException::new)) {
      engine.awaitResult(StageState.ERROR);
      engine
          .control()
          .logRules()
          .put(List.of(new LogRule("No space left", "The disk is full", 5)), "mia");

      assertThat(rebuild(engine).state()).isEqualTo(StageState.ERROR);

      engine.awaitResult(StageState.ERROR, "The disk is full");
    }
  }

  @Test
  void aCancelledJobIsNotAnalysed() throws InterruptedException {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(state, e -> e.run("op", op, Current.of("a"), Current.of("")))) {
      engine.control().logRules().put(List.of(new LogRule("New job", "Matched", 5)), "mia");
      op.awaitStart("a");
      engine.await("a job that can be cancelled", _ -> engine.job("op").canCancel());
      engine.control().cancel(engine.job("op").id(), "mia");

      engine.awaitResult(StageState.CANCELLED, "Cancelled by mia");
    }
  }

  @Test
  void aRuleReplacesTheOneWithItsPatternAndTheHighestScoreComesFirst() throws InterruptedException {
    try (TestEngine engine = failing("")) {
      LogRules rules = engine.control().logRules();
      rules.put(List.of(new LogRule("b", "B", 1), new LogRule("a", "A", 1)), "mia");
      rules.put(List.of(new LogRule("b", "better", 2)), "mia");

      assertThat(rules.list())
          .containsExactly(new LogRule("b", "better", 2), new LogRule("a", "A", 1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(a+|is no regular expression of RE2: missing closing ).",
        "(a)\\1|is no regular expression of RE2: invalid escape sequence.",
        "((a{1000}){1000}){1000}|repeats too much",
        "(a{100}){100}|repeats too much",
        "(?i)\u1c80|ignores case with (?i)",
        "(?si:[a-\\x{2000}])|ignores case with (?i)",
        "''|The pattern must have 1 to 1000 characters, but has 0."
      })
  void aPatternThatCannotBeUsedIsRefusedWithTheReason(String pattern, String reason) {
    assertThat(LogRule.problems(pattern, "r")).singleElement().asString().contains(reason);
    assertThatThrownBy(() -> new LogRule(pattern, "r", 0)).hasMessageContaining(reason);
  }

  /** All that may be in a pattern that ignores case, each of which is gone through. */
  @Test
  void aPatternThatIgnoresCaseCompiles() throws IOException {
    assertThat(find("(?i)[\\x00-\\x{4ff}] \u00c9clair", "r", "x \u00e9clair")).isPresent();
    assertThat(find("(?i)\\pL", "r", "\u03a9")).isPresent();
    assertThat(find("\u1c80[\\x{1c80}-\\x{10ffff}]", "r", "\u1c80\u1c81")).isPresent();
  }

  private Optional<LogMatch> find(String pattern, String report, String log) throws IOException {
    return find(pattern, report, log, Duration.ofSeconds(60));
  }

  private Optional<LogMatch> find(String pattern, String report, String log, Duration patience)
      throws IOException {
    Path file = Files.writeString(Files.createTempFile(state, "log", ""), log);
    return new LogRule(pattern, report, 0).findIn(new EndedLog.InFile(file), patience);
  }

  @Test
  void groupsAreFilledIn() throws IOException {
    LogMatch match =
        find("[\\n](\\w+): (x)?(.*)$", "\\3 in \\1\\2, not \\9", "a\r\none: two\nb\n")
            .orElseThrow();

    assertThat(match.text()).isEqualTo("one: two");
    assertThat(match.groups()).containsExactly("one", "", "two");
    assertThat(match.report())
        .isEqualTo("two in one, not [the rule names group 9, but its pattern has 3]");
    assertThat(match.line()).contains(2L);
  }

  @Test
  void linksAndColoursAreNotInTheWay() throws IOException {
    String log =
        "\u001b[1;31mErr\u001b[0mor \u001b]8;;https://example.org\u0007here\u001b]8;;\u001b\\\n";

    assertThat(find("^Error here$", "r", log)).isPresent();
  }

  @Test
  void aMatchAcrossWindowsIsFoundAtItsLine() throws IOException {
    String line = "an ordinary line of a log\n";
    String log = line.repeat(5_000) + "begin\nend\n" + line.repeat(5_000);

    for (int shift : new int[] {0, 7, 1_234, 60_000}) {
      LogMatch match = find("^begin\nend$", "r", "x".repeat(shift) + "\n" + log).orElseThrow();
      assertThat(match.line()).as("after %d letters", shift).contains(5_002L);
    }
  }

  @Test
  void theBeginningAndTheEndOfALongLogCount() throws IOException {
    String filler = ("x".repeat(99) + "\n").repeat(140_000);
    String log = "first\n" + filler + "middle\n" + filler + "last\n";

    assertThat(find("first", "r", log)).isPresent();
    assertThat(find("middle", "r", log)).isEmpty();
    LogMatch last = find("^last", "r", log).orElseThrow();
    assertThat(last.line()).isEmpty();
  }

  /**
   * Patterns that take for ever where a matcher goes back, on the texts that are worst for them.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(x+x+)+y",
        "(x*)*y",
        "(a|x|xx)+$y",
        "(.*)(.*)(.*)(.*)(.*)[^x\\n]y",
        "(?:x?){200}(?:x){200}y"
      })
  void noPatternHangs(String pattern) throws IOException {
    // Goal: time grows in proportion. Method: where it grew with the square, or worse, of so many
    // letters, the test would not end before its time limit.
    assertThat(find(pattern, "r", "x".repeat(100_000) + "\n")).isEmpty();
  }

  @Test
  void itGivesUpWhenTheTimeIsOver() throws IOException {
    assertThat(find("y", "r", "x\ny\n", Duration.ZERO)).isEmpty();
    assertThat(find("y", "r", "x\ny\n")).isPresent();
  }
}
