package dev.millrace.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ManualTime time = ManualTime.atNoon();
  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text);

  private JobSummary job(String label, StageState state, String message) {
    boolean over = Progress.isOver(state);
    return new JobSummary(
        new JobId("2026-01-01/120000-build-%06x".formatted(label.hashCode() & 0xffffff)),
        "build",
        label,
        "k",
        0,
        state,
        Optional.of(message).filter(m -> !m.isEmpty()),
        time.instant(),
        state == StageState.QUEUED ? Optional.empty() : Optional.of(time.instant()),
        over ? Optional.of(time.instant().plusSeconds(62)) : Optional.empty(),
        true,
        !over,
        over,
        false,
        false);
  }

  @Test
  void elsewhereThanOnATerminalEachChangeIsALine() {
    StringWriter result = new StringWriter();
    try (PlainProgress progress = new PlainProgress(new PrintWriter(result), out, time)) {
      progress.show(List.of(job("a", StageState.QUEUED, "")));
      progress.show(List.of(job("a", StageState.RUNNING, "")));
      progress.show(List.of(job("a", StageState.RUNNING, "")));
      time.advance(Duration.ofSeconds(70));
      progress.show(List.of(job("a", StageState.FAILED, "exit \u001b[31m1\nmore")));
      progress.print(List.of("Failed"));
    }

    assertThat(text.toString())
        .isEqualTo("[  0s] ◔ running  a\n[1m10s] ✗ failed  a (1m02s): exit 1\n");
    assertThat(result.toString()).as("alone").isEqualTo("Failed\n");
  }

  @Test
  void onATerminalRunningJobsAreRedrawnAndFinishedOnesFolded() {
    try (TerminalProgress progress = new TerminalProgress(out, time, () -> 60)) {
      progress.show(
          List.of(
              job("second", StageState.RUNNING, ""),
              job("first " + "x".repeat(100), StageState.RUNNING, ""),
              job("third", StageState.PASSED, "")));
      String drawn = text.toString();
      assertThat(drawn.lines()).hasSize(3);
      assertThat(drawn)
          .contains("second")
          .contains("…")
          .contains("✓ 1 passed")
          .doesNotContain("third");

      text.getBuffer().setLength(0);
      progress.show(List.of(job("second", StageState.FAILED, "broken")));
    }

    assertThat(text.toString())
        .startsWith("\u001b[1A\u001b[2K\r".repeat(3))
        .contains("second: broken");
  }
}
