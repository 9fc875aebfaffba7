package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Fuzz;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is read back from records, and what people type, never costs more than itself (F1).
 */
class ParserFuzzTest {
  private static final String JOB = "2026-01-01/120000-op-000001";

  @Test
  void aReasonThatCannotBeReadIsNone() {
    Fuzz.of(
            "reasons",
            "first\t",
            "value\tbefore\nstage\tone\ttwo\t" + JOB + "\nother\t\tthree\t",
            "rebuild\tmia",
            "first\t\na\tb\tc\tnot-a-job",
            "")
        .run(
            text -> {
              Optional<JobReason> reason = JobReason.decode(text);
              if (reason.isPresent()) {
                assertThat(reason.get().sentence()).doesNotContain("\n");
                assertThat(JobReason.decode(reason.get().encode())).isPresent();
              }
            });
  }

  @Test
  void anIdIsReadOrRefused() {
    Fuzz.of("job ids", JOB, "2026-01-01/120000-../-000001", "")
        .run(
            text -> {
              try {
                JobId id = JobId.parse(text);
                assertThat(id.value()).isEqualTo(text).doesNotContain("..").doesNotContain("//");
              } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("Cannot read job id");
              }
            });
  }

  @Test
  void aPatternIsARuleOrHasProblems() {
    Fuzz.of(
            "log rules",
            "error: (.*)",
            "^(a|b)*?[^x-z]{2,30}$",
            "(?i)\\bfatal\\b \\d+ \\pL [[:alpha:]]",
            "((((((((((x))))))))))",
            "(x{100}){100}{1000}",
            "\\Q..\\E|\\x{10ffff}",
            "(?i)[\ufeff-\uffff]")
        .run(
            pattern -> {
              if (LogRule.problems(pattern, "report \\1").isEmpty()) {
                assertThat(new LogRule(pattern, "report \\1", 1).pattern()).isEqualTo(pattern);
                boolean _ = LogRule.compile(pattern).matcher("error: no such file").find();
              }
            });
  }
}
