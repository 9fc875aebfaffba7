package dev.millrace.services.cikit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SummaryTest {
  private static final JobOutcome PASSED = new JobOutcome.Passed();
  private static final JobOutcome ACTIVE = new JobOutcome.Active();

  private static JobResult build(String label, JobOutcome outcome) {
    return new JobResult(label, JobKind.BUILD, JobResult.isExperimental(label), outcome);
  }

  private static JobResult job(JobKind kind, JobOutcome outcome) {
    return new JobResult(kind.label(), kind, kind.isExperimental(), outcome);
  }

  private static JobOutcome failed(String message) {
    return new JobOutcome.Failed(message);
  }

  @Test
  void passesWhenEverythingWasBuilt() {
    assertThat(
            Summary.of(
                List.of(
                    build("build_1", PASSED),
                    build("build_2", PASSED),
                    job(JobKind.LINT_FMT, PASSED))))
        .isEqualTo(new Summary.Passed());
  }

  @Test
  void namesTheOneThatFailed() {
    assertThat(
            Summary.of(
                List.of(
                    build("build_1", PASSED),
                    build("build_2", PASSED),
                    build("build_3", failed("msg")))))
        .isEqualTo(new Summary.Failed("build_3 failed: msg"));
  }

  @Test
  void groupsByMessage() {
    assertThat(Summary.of(List.of(build("a", failed("m")), build("b", failed("m")))))
        .isEqualTo(new Summary.Failed("m"));
    assertThat(
            Summary.of(
                List.of(build("a", failed("m")), build("b", failed("m")), build("c", PASSED))))
        .isEqualTo(new Summary.Failed("a, b failed: m"));
    assertThat(
            Summary.of(
                List.of(build("a", failed("m")), build("b", failed("n")), build("c", PASSED))))
        .isEqualTo(new Summary.Failed("a, b failed"));
  }

  @Test
  void runsWhileALintRuns() {
    assertThat(Summary.of(List.of(build("a", PASSED), job(JobKind.LINT_FMT, ACTIVE))))
        .isEqualTo(new Summary.Running());
    assertThat(Summary.of(List.of(build("a", failed("m")), build("b", ACTIVE))))
        .isEqualTo(new Summary.Running());
  }

  @Test
  void doesNotMindExperimentalJobs() {
    assertThat(Summary.of(List.of(build("a", PASSED), job(JobKind.LOWER_BOUND, failed("m")))))
        .isEqualTo(new Summary.Passed());
    assertThat(Summary.of(List.of(build("a", PASSED), job(JobKind.LINT_OPAM, ACTIVE))))
        .isEqualTo(new Summary.Passed());
    assertThat(Summary.of(List.of(job(JobKind.LOWER_BOUND, ACTIVE))))
        .isEqualTo(new Summary.Passed());
  }

  @Test
  void knowsExperimentalLabels() {
    assertThat(JobResult.isExperimental("(lower-bound)")).isTrue();
    assertThat(JobResult.isExperimental("(lint-opam)")).isTrue();
    assertThat(JobResult.isExperimental("windows-server-mingw-ltsc2025-5.4_opam-2.5")).isTrue();
    assertThat(JobResult.isExperimental("openbsd-79-amd64-5.4_opam-2.5")).isTrue();
    assertThat(JobResult.isExperimental("(lint-doc)")).isFalse();
    assertThat(JobResult.isExperimental("debian-13-5.3_arm64_opam-2.5")).isFalse();
    assertThat(
            JobResult.isExperimental(
                JobKind.BUILD, Variant.parse("windows-server-mingw-ltsc2025-5.4_opam-2.5")))
        .isTrue();
  }

  @Test
  void passesWithSkippedLints() {
    assertThat(
            Summary.of(
                List.of(
                    build("a", PASSED), job(JobKind.LINT_FMT, new JobOutcome.Skipped("no tool")))))
        .isEqualTo(new Summary.Passed());
  }

  @Test
  void failsWhenEverythingWasSkipped() {
    assertThat(
            Summary.of(
                List.of(build("a", failed("[SKIP] flaky")), build("b", failed("[SKIP] flaky")))))
        .isEqualTo(new Summary.Failed("[SKIP] flaky"));
    assertThat(
            Summary.of(
                List.of(
                    job(JobKind.ANALYSIS, PASSED),
                    job(JobKind.LINT_FMT, new JobOutcome.Skipped("no tool")))))
        .isEqualTo(new Summary.Failed("no tool"));
  }

  @Test
  void failsWhenNothingWasBuilt() {
    assertThat(Summary.of(List.of())).isEqualTo(new Summary.Failed("No builds at all!"));
    assertThat(Summary.of(List.of(job(JobKind.ANALYSIS, PASSED))).text())
        .isEqualTo("No builds at all!");
    assertThat(Summary.of(List.of(job(JobKind.ANALYSIS, failed("No opam files found!")))).text())
        .isEqualTo("No opam files found!");
  }
}
