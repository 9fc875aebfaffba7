package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.ManualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what need not be kept goes, and nothing that is shown or may be used again. */
class RetentionTest {
  private static final Duration MONTH = Duration.ofDays(30);

  @TempDir Path state;

  private final ManualOperation op = new ManualOperation("op");
  private final ManualTime time = ManualTime.atNoon();
  private final AtomicReference<Variable<String>> key = new AtomicReference<>();

  private TestEngine start(UnaryOperator<EngineConfig> configure) {
    return TestEngine.start(
        state,
        time,
        configure,
        e -> {
          key.set(e.variable("key", Outcome.ok("a")));
          return e.run("op", op, key.get().current(), Current.of(""));
        });
  }

  private static JobId newest(TestEngine engine, String key) {
    return engine.control().findNewestJob("op", key).orElseThrow().id();
  }

  @Test
  void oldLogsGoUnlessTheyAreShownAndTheOutcomesStay() throws Exception {
    try (TestEngine engine = start(config -> config.withKeepLogs(MONTH))) {
      op.pass("a", "A");
      engine.awaitSettled();
      key.get().set("b");
      op.pass("b", "B");
      engine.awaitSettled();
      Path orphan = state.resolve("job/2025-12-01/120000-op-000001.log");
      Files.createDirectories(orphan.getParent());
      Files.writeString(orphan, "left by a crash");

      engine.advance(Duration.ofDays(29));
      engine.engine().retain();
      assertThat(orphan.getParent()).doesNotExist();
      assertThat(engine.control().findLog(newest(engine, "a"))).isPresent();

      engine.advance(Duration.ofDays(3));
      engine.engine().retain();
      assertThat(engine.control().findLog(newest(engine, "a"))).isEmpty();
      assertThat(engine.control().findLog(newest(engine, "b"))).isPresent();

      key.get().set("a");
      engine.awaitSettled();
      assertThat(engine.control().overview().result()).isEqualTo(StageState.PASSED);
      engine.engine().retain();
      assertThat(state.resolve("job/2026-01-01")).doesNotExist();
    }
    assertThat(op.started()).containsExactly("a", "b");
  }

  @Test
  void oldJobsOfAKeyGoButNeverItsNewestResult() throws Exception {
    JobId last;
    try (TestEngine engine = start(config -> config.withKeepHistory(2))) {
      op.pass("a", "A");
      engine.awaitSettled();
      JobId first = newest(engine, "a");
      for (int i = 0; i < 4; i++) {
        var _ = engine.control().rebuild(newest(engine, "a"), "mia");
        op.pass("a", "A");
        engine.awaitSettled();
      }
      assertThat(engine.control().listHistory(newest(engine, "a"), 9)).hasSize(5);

      engine.engine().retain();

      assertThat(engine.control().listHistory(newest(engine, "a"), 9))
          .extracting(JobSummary::build)
          .containsExactly(4L, 3L);
      assertThat(engine.control().findLog(first)).isEmpty();
      assertThat(engine.control().findJob(first)).isEmpty();
      var _ = engine.control().rebuild(newest(engine, "a"), "mia");
      op.awaitStart("a");
      last = newest(engine, "a");
      engine.engine().retain();
      // The job at work is no result yet.
      assertThat(engine.control().listHistory(last, 9)).hasSize(3);
    }

    int runs = op.started().size();
    try (TestEngine engine = start(config -> config.withKeepHistory(1))) {
      op.awaitStart("a");
      engine.engine().retain();
      assertThat(engine.control().findJob(last)).isPresent();
      assertThat(newest(engine, "a")).isNotEqualTo(last);
      assertThat(op.started()).hasSize(runs + 1);
    }
  }

  @Test
  void whatPeopleDidIsKnownForAYearAndAsLongAsTheJob() throws Exception {
    try (TestEngine engine = start(config -> config.withKeepHistory(1))) {
      op.pass("a", "A");
      engine.awaitSettled();
      for (int i = 0; i < 2; i++) {
        var _ = engine.control().rebuild(newest(engine, "a"), "mia");
        op.pass("a", "A");
        engine.awaitSettled();
      }
      engine.control().setConfirmThreshold(Optional.of(Level.DANGEROUS), "noa");
      engine.engine().retain();
      assertThat(actions(engine)).containsExactly("noa", "mia", "mia");

      engine.advance(Duration.ofDays(366));
      engine.engine().retain();

      // It was the job before that was rebuilt, which is gone; the last one that was acted on too.
      assertThat(actions(engine)).isEmpty();
      var _ = engine.control().cancel(newest(engine, "a"), "ole");
      engine.advance(Duration.ofDays(366));
      engine.engine().retain();
      assertThat(actions(engine)).containsExactly("ole");
    }
  }

  private static List<String> actions(TestEngine engine) {
    return engine.control().listActions(9).stream().map(ActionRecord::who).toList();
  }

  @Test
  void limitsThatWouldDeleteWhatIsNeededAreRefused() {
    EngineConfig config = EngineConfig.in(state);
    assertThatThrownBy(() -> config.withKeepLogs(Duration.ofHours(1)))
        .hasMessage("keepLogs must be at least a day, was PT1H");
    assertThatThrownBy(() -> config.withKeepHistory(0))
        .hasMessage("keepHistory must be at least 1, was 0");
    assertThatThrownBy(() -> config.withLogSizeMax((1 << 20) - 1))
        .hasMessage("logSizeMax must be at least 1 MiB, was 1048575 bytes");
  }
}
