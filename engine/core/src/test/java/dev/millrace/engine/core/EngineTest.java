package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
  @TempDir Path state;

  private static Current<String> run(Engine engine, ManualOperation operation, String key) {
    return engine.run(operation.id(), operation, Current.of(key), Current.of(""));
  }

  @Test
  void runsAnOperationAndRemembersItsOutcomeAcrossARestart() {
    ManualOperation fetch = new ManualOperation("fetch");
    try (TestEngine engine = TestEngine.start(state, e -> run(e, fetch, "a"))) {
      fetch.pass("a", "A");
      engine.awaitResult(StageState.PASSED);
      assertThat(engine.awaitSettled().counts().of(StageState.PASSED)).isEqualTo(1);
    }

    try (TestEngine engine = TestEngine.start(state, e -> run(e, fetch, "a"))) {
      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
    }

    assertThat(fetch.started()).containsExactly("a");
  }

  @Test
  void refusesASecondEngineOnTheSameStateDirectory() {
    try (TestEngine _ = TestEngine.start(state, _ -> Current.of("x"))) {
      assertThatThrownBy(() -> TestEngine.start(state, _ -> Current.of("y")))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("is in use by another Millrace (process")
          .hasMessageContaining("stop that one, or choose another directory");
    }
  }

  @Test
  void aFailureIsShownWithItsMessage() {
    ManualOperation fetch = new ManualOperation("fetch");
    try (TestEngine engine = TestEngine.start(state, e -> run(e, fetch, "a"))) {
      fetch.fail("a", "no route");

      engine.awaitResult(StageState.FAILED, "no route");

      JobSummary job = engine.job("fetch");
      assertThat(job.state()).isEqualTo(StageState.FAILED);
      assertThat(job.canRebuild()).isTrue();
      assertThat(engine.log(job.id()))
          .contains("New job: fetch a")
          .endsWith("Job failed: no route\n");
    }
  }
}
