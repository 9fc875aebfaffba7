package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.engine.core.EngineControl.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an engine that cannot have a log on the disk stops, and has not said that the job ended
 * (D4). Method: the log's file is a link to a device that takes everything and cannot be synced.
 */
class UnsyncedLogTest {
  private static final Duration STOPS = Duration.ofSeconds(5);
  private static final byte[] LONG = new byte[LogFile.SHORT_MAX + 1];

  @TempDir Path state;

  private boolean broken = true;

  private Current<?> pipeline(Engine engine) {
    return engine.run("op", new Doing(this::work), Current.of("a"));
  }

  private String work(Job job) throws Exception {
    job.start(Level.AVERAGE);
    if (broken) {
      breakLog(job.id());
    }
    job.write(LONG, 0, LONG.length);
    return "done";
  }

  private void breakLog(JobId id) throws IOException {
    Path log = state.resolve("job").resolve(id + ".log");
    Files.createDirectories(log.getParent());
    Files.createSymbolicLink(log, Path.of("/dev/null"));
  }

  @Test
  void aLogThatCannotBeOnTheDiskStopsTheEngineAndItsJobIsDoneAgain() throws Exception {
    JobId first;
    try (TestEngine engine = TestEngine.start(state, this::pipeline)) {
      await().atMost(STOPS).until(() -> engine.control().health() instanceof Health.Bad);

      first = engine.job("doing a").id();
      Health.Bad health = (Health.Bad) engine.control().health();
      assertThat(health.reason()).contains(first.value(), state.toString(), "sync");
      assertThat(engine.control().overview().result()).isIn(StageState.QUEUED, StageState.RUNNING);
    }
    Files.delete(state.resolve("job").resolve(first + ".log"));
    broken = false;

    try (TestEngine engine = TestEngine.start(state, this::pipeline)) {
      engine.awaitResult(StageState.PASSED);

      // Both are of one moment of this clock: only their numbers tell which is the newer one.
      JobSummary second = engine.control().listHistory(first, 1).getFirst();
      assertThat(second.id()).isNotEqualTo(first);
      assertThat(engine.control().findReason(second.id()).orElseThrow().kind())
          .isEqualTo(JobReason.Kind.CUT_SHORT);
    }
  }
}
