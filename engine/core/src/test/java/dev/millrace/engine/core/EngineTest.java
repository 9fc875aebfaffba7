package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Sqlite;
import dev.millrace.engine.core.ManualOperation.Traits;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
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

  @Test
  void theEndOfTheEngineIsBoundedAlsoWhenAJobAndAMonitorHang() throws Exception {
    ManualOperation hanging = new ManualOperation("hanging", Traits.PLAIN.withStubbornness());
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Monitor<String> deaf =
        new Monitor<>() {
          @Override
          public String read() {
            reading.countDown();
            awaitInSpiteOfInterruption(goOn);
            return "value";
          }

          @Override
          public AutoCloseable watch(Runnable refresh) {
            return () -> {};
          }
        };
    Engine engine =
        Engine.start(
            EngineConfig.in(state),
            e -> Current.allDone(List.of(run(e, hanging, "a"), e.monitor("deaf", deaf))));
    hanging.awaitStart("a");
    reading.await();

    assertTimeoutPreemptively(
        Duration.ofSeconds(60), () -> engine.close(Duration.ofMillis(200)), "close");

    // What may still be at work must not be begun anew.
    assertThatThrownBy(() -> TestEngine.start(state, _ -> Current.of("y")))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("is in use by another Millrace");
    goOn.countDown();
    hanging.pass("a", "A");
  }

  @Test
  void theEndOfTheEngineIsBoundedAlsoWhenTheEvaluationHangs() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<Variable<Boolean>> hang = new AtomicReference<>();
    Engine engine =
        Engine.start(
            EngineConfig.in(state),
            e -> {
              hang.set(e.variable("hang", Outcome.ok(false)));
              return hang.get()
                  .current()
                  .map(
                      yes -> {
                        if (yes) {
                          hangs.countDown();
                          awaitInSpiteOfInterruption(goOn);
                        }
                        return yes;
                      });
            });
    hang.get().set(true);
    hangs.await();

    assertTimeoutPreemptively(
        Duration.ofSeconds(60), () -> engine.close(Duration.ofMillis(200)), "close");

    assertThat(engine.control().health()).isInstanceOf(EngineControl.Health.Bad.class);
    goOn.countDown();
  }

  @Test
  void membersOfAListAreDrawnAsTheirOperationDescribesThem() {
    ManualOperation op = new ManualOperation("op");
    AtomicReference<Variable<List<String>>> list = new AtomicReference<>();
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              list.set(e.variable("list", Outcome.active(Activity.READY)));
              return Current.mapEachHidden(
                  list.get().current(),
                  key -> key,
                  key -> e.runDescribed("(each key)", op, key, Current.of("")));
            })) {
      assertThat(labels(engine)).containsExactlyInAnyOrder("list", "(each key)");

      list.get().set(List.of("a", "b"));
      op.pass("a", "A");
      op.fail("b", "no");
      engine.awaitResult(StageState.FAILED, "no");

      assertThat(labels(engine)).containsExactlyInAnyOrder("list", "op a", "op b");
    }
  }

  private static List<String> labels(TestEngine engine) {
    return engine.control().diagram(Set.of(), Set.of()).nodes().stream()
        .map(Diagram.Node::label)
        .toList();
  }

  @Test
  void afterTheEndOfTheEngineNoThreadOfItIsLeft() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, e -> run(e, op, "a"))) {
      op.awaitStart("a");
      assertThat(threads()).isNotEmpty();
      assertThat(engine.control().health()).isInstanceOf(EngineControl.Health.Good.class);
    }

    assertThat(op.running()).isEmpty();
    await("no threads").until(() -> threads().isEmpty());
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("millrace-"))
        .toList();
  }

  private static void awaitInSpiteOfInterruption(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // Deaf is what it is.
      }
    }
  }

  @Test
  void anErrorOfTheVirtualMachineCostsTheJobAlone() {
    ManualOperation op =
        new ManualOperation("op") {
          @Override
          public String run(Job job, String key, String value) throws Exception {
            job.start(Level.AVERAGE);
            throw new OutOfMemoryError("too much");
          }
        };
    try (TestEngine engine = TestEngine.start(state, e -> run(e, op, "a"))) {
      engine.awaitResult(StageState.ERROR, "java.lang.OutOfMemoryError: too much");
      engine.awaitSettled();
    }
  }

  @Test
  void aRecordThatCannotBeReadEndsTheEngineWithAMessage() throws Exception {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, e -> run(e, op, "a"))) {
      op.pass("a", "A");
      engine.awaitSettled();
    }
    try (Connection database =
            DriverManager.getConnection(Sqlite.url(state.resolve("db/millrace.sqlite")));
        Statement statement = database.createStatement()) {
      statement.executeUpdate("UPDATE job SET id = 'damaged'");
    }

    assertThatThrownBy(() -> TestEngine.start(state, e -> run(e, op, "a")))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("The records in \"%s\" cannot be".formatted(state))
        .hasMessageContaining("damaged");
  }

  @Test
  void aLogThatCannotBeMadeAFileCostsTheLogAndNotTheOutcome() throws Exception {
    byte[] output = new byte[2 * LogFile.SHORT_MAX];
    ManualOperation op =
        new ManualOperation("op") {
          @Override
          public String run(Job job, String key, String value) throws Exception {
            String outcome = super.run(job, key, value);
            if (key.equals("loud")) {
              job.write(output, 0, output.length);
            }
            return outcome;
          }
        };
    Files.createDirectories(state.resolve("job"));
    // What a manual clock calls today is a file, where a directory should be.
    Files.writeString(state.resolve("job/2026-01-01"), "in the way");
    try (TestEngine engine =
        TestEngine.start(
            state, e -> Current.allDone(List.of(run(e, op, "quiet"), run(e, op, "loud"))))) {
      op.pass("quiet", "A");
      op.pass("loud", "B");

      assertThat(engine.awaitSettled().result()).isEqualTo(StageState.PASSED);
      assertThat(engine.log(engine.job("op quiet").id())).endsWith("Job succeeded\n");
      assertThat(engine.control().health())
          .isInstanceOfSatisfying(
              EngineControl.Health.Impaired.class,
              health ->
                  assertThat(health.reason())
                      .contains("The log of job 2026-01-01/120000-op-")
                      .contains("in \"" + state + "\" cannot be written"));
    }
  }

  @Test
  void theLogsOfJobsThatWaitHoldNoDescriptors() throws Exception {
    Path descriptors = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(descriptors), "NOT TESTED: open descriptors: needs /proc");
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withPool(Pool.of("single", 1)));
    List<String> keys = IntStream.range(10, 40).mapToObj(i -> "k" + i).toList();
    try (TestEngine engine =
        TestEngine.start(
            state, e -> Current.allDone(keys.stream().map(key -> run(e, op, key)).toList()))) {
      engine.await("all but one to wait", o -> o.counts().of(StageState.RUNNING) == 1);
      await()
          .until(
              () ->
                  keys.stream()
                      .map(key -> engine.log(engine.job("op " + key).id()))
                      .filter(log -> log.contains("Waiting for a place"))
                      .count(),
              Predicate.isEqual(29L));

      await().until(() -> openLogs(descriptors), open -> open <= 1);
    }
  }

  private long openLogs(Path descriptors) throws IOException {
    long open = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : all) {
        try {
          open += Files.readSymbolicLink(descriptor).startsWith(state.resolve("job")) ? 1 : 0;
        } catch (NoSuchFileException e) {
          // Closed since.
        }
      }
    }
    return open;
  }

  @Test
  void aPipelineCanUseTheProgressOfItsStages() {
    ManualOperation op = new ManualOperation("op");
    AtomicReference<Current.Progress> seen = new AtomicReference<>();
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              Current<String> made = run(e, op, "a").map(x -> x + "!");
              return made.ignoreValue()
                  .progress()
                  .map(
                      progress -> {
                        seen.set(progress);
                        return Done.DONE;
                      })
                  .gate(made);
            })) {
      op.pass("a", "A");
      engine.awaitSettled();
      JobId first = engine.job("a").id();
      assertThat(seen.get()).isEqualTo(new Current.Progress(Optional.of(first), Optional.empty()));

      var _ = engine.control().rebuild(first, "somebody");
      op.pass("a", "B");
      engine.awaitSettled();

      assertThat(seen.get().job()).isPresent().isNotEqualTo(Optional.of(first));
    }
  }

  @Test
  void stagesCanBeObservedAndVariablesUpdatedFromOutside() {
    AtomicReference<Variable<Integer>> input = new AtomicReference<>();
    AtomicReference<Current<Integer>> stage = new AtomicReference<>();
    try (TestEngine engine =
        TestEngine.start(
            state,
            e -> {
              input.set(e.variable("input", Outcome.ok(1)));
              stage.set(input.get().current());
              return stage.get().map(x -> x + 1);
            })) {
      input.get().update(outcome -> outcome.map(x -> x + 1));
      engine.awaitSettled();
      assertThat(engine.engine().observe(stage.get()))
          .isEqualTo(new Engine.Seen<>(Outcome.ok(2), false));

      input
          .get()
          .update(
              _ -> {
                throw new IllegalStateException("bug");
              });
      engine.awaitResult(StageState.ERROR, "java.lang.IllegalStateException: bug");

      assertThat(engine.engine().outline()).isEqualTo("input");
    }
  }
}
