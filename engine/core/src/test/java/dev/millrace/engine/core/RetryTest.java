package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.JobReason.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what fails in a way that may pass is tried again by itself, and not for ever. */
class RetryTest {
  /** Longer than any pause. */
  private static final Duration LONG = Duration.ofMinutes(13);

  @TempDir Path state;

  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();

  private TestEngine start() {
    Doing flaky =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              runs.incrementAndGet();
              if (failures.getAndDecrement() > 0) {
                throw new JobUnavailableException("503 from the server");
              }
              return "";
            });
    return TestEngine.start(state, e -> e.run("flaky", flaky, Current.of("it")));
  }

  private void awaitRuns(TestEngine engine, int count) {
    engine.await(
        count + " runs that are over", overview -> runs.get() == count && overview.settled());
  }

  private static JobId job(TestEngine engine) {
    return engine.control().findNewestJob("doing", "it").orElseThrow().id();
  }

  @Test
  void itIsTriedAgainAfterAPauseAndTheFailureIsShownMeanwhile() {
    failures.set(1);
    try (TestEngine engine = start()) {
      engine.awaitResult(StageState.ERROR, "503 from the server");
      engine.awaitSettled();
      assertThat(engine.control().diagram(Set.of(), Set.of()).nodes())
          .first()
          .extracting(Diagram.Node::rebuilding)
          .isEqualTo(Optional.of(StageState.QUEUED));

      engine.advance(Duration.ofSeconds(5));
      awaitRuns(engine, 1);
      engine.advance(Duration.ofSeconds(15));

      engine.awaitResult(StageState.PASSED);
      assertThat(runs.get()).isEqualTo(2);
      assertThat(engine.control().findReason(job(engine)).orElseThrow().sentence())
          .isEqualTo("tried again after a failure that may pass: 503 from the server");
    }
  }

  @Test
  void itIsGivenUpInTheEndUntilSomebodyRebuildsIt() {
    failures.set(1000);
    try (TestEngine engine = start()) {
      for (int run = 1; run <= Retries.MAX + 1; run++) {
        awaitRuns(engine, run);
        engine.advance(LONG);
      }
      engine.advance(LONG);
      awaitRuns(engine, Retries.MAX + 1);
      assertThat(engine.control().overview().result()).isEqualTo(StageState.ERROR);

      failures.set(1);
      var _ = engine.control().rebuild(job(engine), "somebody");
      awaitRuns(engine, Retries.MAX + 2);
      engine.advance(LONG);

      engine.awaitResult(StageState.PASSED);
    }
  }

  @Test
  void theNextEngineTriesItAtOnce() {
    failures.set(1);
    try (TestEngine engine = start()) {
      awaitRuns(engine, 1);
    }

    try (TestEngine engine = start()) {
      engine.awaitResult(StageState.PASSED);
      assertThat(engine.control().findReason(job(engine)).orElseThrow().kind())
          .isEqualTo(Kind.RETRY);
    }
  }

  @Test
  void aBugIsNotTriedAgain() {
    Doing broken =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              runs.incrementAndGet();
              throw new IllegalStateException("bug");
            });
    try (TestEngine engine =
        TestEngine.start(state, e -> e.run("broken", broken, Current.of("it")))) {
      awaitRuns(engine, 1);
      engine.advance(LONG);
      awaitRuns(engine, 1);
      assertThat(engine.control().overview().result()).isEqualTo(StageState.ERROR);
    }
  }

  @Test
  void pausesGrowUpToALimitAndDifferFromWorkToWork() {
    assertThat(Retries.pauseAfter(0, "a").orElseThrow())
        .isBetween(Duration.ofMillis(7500), Duration.ofMillis(12_500));
    assertThat(Retries.pauseAfter(3, "a").orElseThrow())
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(100));
    assertThat(Retries.pauseAfter(Retries.MAX - 1, "a").orElseThrow()).isLessThan(LONG);
    assertThat(Retries.pauseAfter(Retries.MAX, "a")).isEmpty();
    assertThat(Retries.pauseAfter(0, "a")).isNotEqualTo(Retries.pauseAfter(0, "b"));
  }
}
