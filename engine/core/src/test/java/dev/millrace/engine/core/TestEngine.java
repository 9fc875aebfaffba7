package dev.millrace.engine.core;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.EngineControl.Overview;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * An engine under a clock that the test moves, with waiting for what the test expects. Close it at
 * the end of the test.
 */
public final class TestEngine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ManualTime time;
  private final Engine engine;

  private TestEngine(ManualTime time, Engine engine) {
    this.time = time;
    this.engine = engine;
  }

  /** Starts a pipeline on a state directory, at noon. */
  public static TestEngine start(Path state, Function<Engine, Current<?>> pipeline) {
    return start(state, ManualTime.atNoon(), config -> config, pipeline);
  }

  /** Starts a pipeline with a clock and a configuration. */
  public static TestEngine start(
      Path state,
      ManualTime time,
      UnaryOperator<EngineConfig> configure,
      Function<Engine, Current<?>> pipeline) {
    EngineConfig config = configure.apply(EngineConfig.in(state).withClock(time, time::ticks));
    return new TestEngine(time, Engine.start(config, pipeline));
  }

  /** The engine itself. */
  public Engine engine() {
    return engine;
  }

  /** Its operator's side. */
  public EngineControl control() {
    return engine.control();
  }

  /** Moves the clock, and has the engine look at it. */
  public void advance(Duration step) {
    time.advance(step);
    engine.tick();
  }

  /** Waits for a published state that fits, not before the first round, and returns it. */
  public Overview await(String expectation, Predicate<Overview> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Overview overview = control().overview();
    while (overview.round() == 0 || !condition.test(overview)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "Expected %s, but the engine stays at %s".formatted(expectation, overview));
      }
      try {
        // Some of what changes an overview publishes no round: look again soon.
        overview =
            control()
                .awaitChange(overview.round(), Duration.ofNanos(TimeUnit.MILLISECONDS.toNanos(20)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("Interrupted while waiting for " + expectation, e);
      }
    }
    return overview;
  }

  /** Waits until nothing runs, waits or is about to. */
  public Overview awaitSettled() {
    return await("to settle", Overview::settled);
  }

  /** Waits until the whole comes to this. */
  public Overview awaitResult(StageState state) {
    return await("the result " + state, overview -> overview.result() == state);
  }

  /** Waits until the whole comes to this, with this message. */
  public Overview awaitResult(StageState state, String message) {
    return await(
        "the result %s: %s".formatted(state, message),
        overview -> overview.result() == state && overview.message().equals(Optional.of(message)));
  }

  /** Everything that a job has logged so far. */
  public String log(JobId id) {
    try {
      JobLog log = control().findLog(id).orElseThrow();
      return new String(log.read(0, (int) log.size()), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("Cannot read the log of " + id, e);
    }
  }

  /** The newest job that mentions this text. */
  public JobSummary job(String text) {
    return control().listJobs(new JobQuery(text, Set.of(), Optional.empty(), 0, 1)).getFirst();
  }

  /** The stage with this label, as it is drawn. */
  public Diagram.Node node(String label) {
    return control().diagram(Set.of(), Set.of()).nodes().stream()
        .filter(node -> node.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    engine.close();
  }
}
