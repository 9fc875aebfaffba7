package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: wherever a log is, in memory, in the records or in a file, all of it can be read at any
 * time; and what people look for, it is a file.
 */
class ShortLogTest {
  private static final byte[] PART = "0123456789abcde\n".repeat(8).getBytes(StandardCharsets.UTF_8);

  @TempDir Path state;

  private TestEngine run(Doing.Work work) {
    return TestEngine.start(state, engine -> engine.run("op", new Doing(work), Current.of("it")));
  }

  private Path file(JobId job) {
    return state.resolve("job").resolve(job + ".log");
  }

  @Test
  void thatOfAShortJobThatPassesIsInTheRecords() {
    JobId id;
    String log;
    try (TestEngine engine =
        run(
            job -> {
              job.start(Level.HARMLESS);
              job.log("a line");
              return "x";
            })) {
      engine.awaitResult(StageState.PASSED);
      id = engine.job("doing").id();
      log = engine.log(id);
      assertThat(log).contains("a line\n").endsWith("Job succeeded\n");
      assertThat(file(id)).doesNotExist();
    }
    try (TestEngine engine = run(_ -> "never")) {
      assertThat(engine.log(id)).isEqualTo(log);
      assertThat(engine.control().findLog(id))
          .hasValueSatisfying(found -> assertThat(found.isComplete()).isTrue());
    }
  }

  @Test
  void thatOfAJobThatFailsIsAFile() throws Exception {
    try (TestEngine engine =
        run(
            job -> {
              job.start(Level.HARMLESS);
              throw new JobFailedException("no");
            })) {
      engine.awaitResult(StageState.FAILED);
      JobId id = engine.job("doing").id();
      assertThat(Files.readString(file(id))).isEqualTo(engine.log(id)).endsWith("failed: no\n");
    }
  }

  @Test
  void thatOfAJobThatTakesLongerIsAFileSoon() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (TestEngine engine =
        run(
            job -> {
              job.start(Level.HARMLESS);
              job.log("at work");
              goOn.await();
              return "x";
            })) {
      engine.await("to run", overview -> overview.counts().of(StageState.RUNNING) == 1);
      JobId id = engine.job("doing").id();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(file(id)).exists().content().endsWith("at work\n"));
      goOn.countDown();
      engine.awaitResult(StageState.PASSED);
      assertThat(Files.readString(file(id))).isEqualTo(engine.log(id)).endsWith("succeeded\n");
    }
  }

  /** Method: a reader looks after each part, on both sides of the limit. */
  @Test
  void nothingIsMissingOrTwiceWhereALogBecomesAFile() throws Exception {
    AtomicReference<Optional<AssertionError>> failure = new AtomicReference<>(Optional.empty());
    int parts = 3 * LogFile.SHORT_MAX / PART.length;
    try (TestEngine engine =
        run(
            job -> {
              job.start(Level.HARMLESS);
              long before = job.logFile().size();
              try {
                for (int i = 1; i <= parts; i++) {
                  job.write(PART, 0, PART.length);
                  assertThat(job.logFile().size()).isEqualTo(before + (long) i * PART.length);
                  assertThat(job.logFile().read(before + (long) (i - 1) * PART.length, 1000))
                      .isEqualTo(PART);
                }
              } catch (AssertionError e) {
                failure.set(Optional.of(e));
              }
              return "x";
            })) {
      engine.awaitResult(StageState.PASSED);
      assertThat(failure.get()).isEmpty();
      JobId id = engine.job("doing").id();
      assertThat(Files.readString(file(id)))
          .isEqualTo(engine.log(id))
          .contains(new String(PART, StandardCharsets.UTF_8).repeat(parts) + "2026-");
    }
  }

  @Test
  void aReaderThatWaitsIsToldOfEachByteAndOfTheEnd() throws Exception {
    LogFile log =
        new LogFile(state.resolve("day").resolve("x.log"), EngineConfig.LOG_SIZE_MAX_DEFAULT);
    log.open();
    log.append(PART, 0, PART.length);
    log.awaitGrowth(PART.length - 1, Duration.ofDays(1));
    assertThat(log.isComplete()).isFalse();
    assertThat(log.closeShort()).contains(PART);
    log.awaitGrowth(PART.length, Duration.ofDays(1));
    assertThat(log.isComplete()).isTrue();
    assertThat(log.read(0, 1000)).isEqualTo(PART);
    assertThat(log.read(PART.length, 1000)).isEmpty();
    assertThat(state.resolve("day")).doesNotExist();
  }
}
