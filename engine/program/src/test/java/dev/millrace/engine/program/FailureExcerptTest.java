package dev.millrace.engine.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.JobLog;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FailureExcerptTest {
  private static final class FixedLog implements JobLog {
    private final byte[] bytes;

    FixedLog(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public byte[] read(long offset, int lengthMax) {
      int from = (int) offset;
      return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + lengthMax));
    }

    @Override
    public boolean isComplete() {
      return true;
    }

    @Override
    public void awaitGrowth(long offset, Duration timeout) {}
  }

  private static JobLog log(String text) {
    return new FixedLog(text.getBytes(UTF_8));
  }

  @Test
  void showsWhatTheLastStepPrintedWithoutOurOwnLines() throws Exception {
    String text =
        """
        2026-01-01 12:00.00: New job: test
        \u001b[01;34m/: (run (shell "one"))\u001b[0m
        fine
        \u001b[01;34m/src: (run (network host)
                    (shell "dune build"))\u001b[0m

        File "a.ml", line 1
        \u001b[31mError\u001b[0m: no
        2026-01-01 12:00.09: Job failed: exited with status 1
        """;

    assertThat(FailureExcerpt.of(log(text))).containsExactly("File \"a.ml\", line 1", "Error: no");
  }

  @Test
  void isBounded() throws Exception {
    assertThat(FailureExcerpt.of(log("x\n".repeat(100_000)))).hasSize(40);
    assertThat(FailureExcerpt.of(log(""))).isEmpty();
  }
}
