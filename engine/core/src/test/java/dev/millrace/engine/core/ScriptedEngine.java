package dev.millrace.engine.core;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * The program of {@link SystemCallIT}: a life in which everything comes to pass that an engine
 * writes down. Arguments: the history, a name, the state directory, the bug that is planted.
 */
final class ScriptedEngine {
  /** How many jobs of a thing are kept. */
  static final int KEPT = 2;

  private static final int REBUILDS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final History history;
  private final boolean patient;
  private final CountDownLatch slowRuns = new CountDownLatch(1);
  private final Operation<String, String, String> build = scripted("build");
  private final Map<String, JobId> latest = new LinkedHashMap<>();
  private Optional<Variable<String>> built = Optional.empty();
  private Optional<Variable<String>> slowed = Optional.empty();
  private Optional<Variable<String>> published = Optional.empty();

  ScriptedEngine(History history, boolean patient) {
    this.history = history;
    this.patient = patient;
  }

  public static void main(String[] arguments) throws Exception {
    Plant.parse(arguments[3]).install();
    EngineConfig config = EngineConfig.in(Path.of(arguments[2])).withKeepHistory(KEPT);
    try (History history = History.open(Path.of(arguments[0]), arguments[1])) {
      ScriptedEngine script = new ScriptedEngine(history, true);
      try (Engine engine = Engine.start(config, script::pipeline)) {
        script.live(engine);
      }
    }
  }

  /** Nothing is wanted at first. */
  Current<?> pipeline(Engine engine) {
    built = Optional.of(engine.variable("built", Outcome.skipped("nothing yet")));
    slowed = Optional.of(engine.variable("slowed", Outcome.skipped("nothing yet")));
    published = Optional.of(engine.variable("published", Outcome.skipped("nothing yet")));
    return Current.allDone(
        List.of(
            engine.run("build", build, built.get().current(), Current.of("")),
            engine.run("slow", scripted("slow"), slowed.get().current(), Current.of("")),
            engine.run("publish", scripted("publish"), published.get().current(), Current.of(""))));
  }

  /** Wants again all that was wanted in an earlier life. */
  void wantAgain(List<History.Line> past) {
    wish(built, past, "build a");
    wish(built, past, "build b");
    wish(slowed, past, "slow s");
    wish(published, past, "publish p");
  }

  private static void wish(
      Optional<Variable<String>> variable, List<History.Line> past, String job) {
    if (past.stream().anyMatch(line -> line.event().equals(new Event.Submitted(job)))) {
      variable.orElseThrow().set(keyOf(job));
    }
  }

  private static String keyOf(String job) {
    return job.substring(job.indexOf(' ') + 1);
  }

  /** Builds of the same thing are jobs of their own; all else is wanted once. */
  static String name(JobSummary job) {
    return name(job.operation(), job.key(), job.build());
  }

  private static String name(String operation, String key, long number) {
    return operation.equals("build") ? "build %s %d".formatted(key, number) : operation + " " + key;
  }

  private void live(Engine engine) throws Exception {
    EngineControl control = engine.control();
    want(built, "build a");
    awaitEnd(control, "build", "a", 0);
    for (int i = 0; i < REBUILDS; i++) {
      rebuild(control, i);
    }
    engine.invalidate(build, "a");
    awaitEnd(control, "build", "a", REBUILDS + 1);
    cancel(control);
    want(published, "publish p");
    awaitEnd(control, "publish", "p", 0);
    noteSurplus(control);
    engine.retain();
    want(built, "build b");
    awaitEnd(control, "build", "b", 0);
  }

  /** Notes all that is shown, as some of it is not to be kept. */
  private void noteSurplus(EngineControl control) {
    for (JobSummary job : EngineInventory.listJobs(control)) {
      history.add(new Event.Ended(name(job), job.state().toString()));
      if (job.operation().equals("build") && job.build() <= REBUILDS + 1 - KEPT) {
        history.add(new Event.Expired("log " + job.id()));
      }
    }
  }

  private void want(Optional<Variable<String>> variable, String job) {
    history.add(new Event.Submitted(job));
    variable.orElseThrow().set(keyOf(job));
  }

  private static String rebuildAfter(long number) {
    return "rebuild after " + number;
  }

  /** The requests to build again that a build shows to have been heard. */
  static List<String> heard(JobSummary job) {
    return job.operation().equals("build") && job.key().equals("a")
        ? LongStream.range(0, Math.min(job.build(), REBUILDS))
            .mapToObj(ScriptedEngine::rebuildAfter)
            .toList()
        : List.of();
  }

  private void rebuild(EngineControl control, long number) throws Exception {
    history.add(new Event.Submitted(rebuildAfter(number)));
    accepted(control.rebuild(latest("build"), "mia"));
    history.add(new Event.Acknowledged(rebuildAfter(number)));
    awaitEnd(control, "build", "a", number + 1);
  }

  private void cancel(EngineControl control) throws Exception {
    want(slowed, "slow s");
    while (!slowRuns.await(20, TimeUnit.MILLISECONDS)) {
      requireGood(control);
    }
    accepted(control.cancel(find(control, "slow").flatMap(Diagram.Node::job).orElseThrow(), "mia"));
    history.add(new Event.CancelRequested("slow s"));
    awaitEnd(control, "slow", "s", 0);
  }

  private static void requireGood(EngineControl control) {
    if (control.health() instanceof EngineControl.Health.Bad bad) {
      throw new IllegalStateException(bad.reason());
    }
  }

  private static void accepted(EngineControl.ActionResult result) {
    if (!(result instanceof EngineControl.ActionResult.Accepted)) {
      throw new IllegalStateException(result.toString());
    }
  }

  private JobId latest(String stage) {
    return Optional.ofNullable(latest.get(stage)).orElseThrow();
  }

  /** Waits until a job is shown as ended, which is the promise that it will stay so. */
  private void awaitEnd(EngineControl control, String stage, String key, long number)
      throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Optional<JobId> job = findEnded(control, stage);
    while (job.isEmpty()) {
      requireGood(control);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("No end of " + name(stage, key, number));
      }
      EngineControl.Overview _ =
          control.awaitChange(control.overview().round(), Duration.ofMillis(20));
      job = findEnded(control, stage);
    }
    latest.put(stage, job.get());
    history.add(new Event.Acknowledged(name(stage, key, number)));
    history.add(new Event.Finished("log " + job.get()));
  }

  /** The next job of a stage that is shown as ended. */
  private Optional<JobId> findEnded(EngineControl control, String stage) {
    return find(control, stage)
        .filter(node -> node.rebuilding().isEmpty())
        .filter(node -> node.state() == StageState.PASSED || node.state() == StageState.CANCELLED)
        .flatMap(Diagram.Node::job)
        .filter(job -> !job.equals(latest.get(stage)));
  }

  private static Optional<Diagram.Node> find(EngineControl control, String stage) {
    return control.diagram(Set.of(), Set.of()).nodes().stream()
        .filter(node -> node.label().equals(stage))
        .findFirst();
  }

  private Operation<String, String, String> scripted(String id) {
    return TextOperation.of(id, (job, key, _) -> work(id, job, key));
  }

  /** Builds, is slow, or publishes. */
  private String work(String id, Job job, String key) throws Exception {
    job.start(Level.AVERAGE);
    long token = job.record().build();
    String name = name(id, key, token);
    if (id.equals("build")) {
      history.add(new Event.Submitted(name));
    }
    history.add(new Event.Started(name, token));
    print(job, "the output of %s\n".formatted(name));
    if (id.equals("slow")) {
      slowRuns.countDown();
      if (patient) {
        awaitCancellation(name, token);
      }
    }
    if (id.equals("publish")) {
      publish(job, key);
    }
    history.add(new Event.Offered(name, token, StageState.PASSED.toString()));
    return "done";
  }

  private void awaitCancellation(String name, long token) throws InterruptedException {
    try {
      new CountDownLatch(1).await();
    } finally {
      history.add(new Event.Offered(name, token, StageState.CANCELLED + ": Cancelled by mia"));
    }
  }

  /** What follows a job that was cut short may do once more what that had done. */
  private void publish(Job job, String key) {
    boolean again =
        job.record().reason().filter(r -> r.kind() == JobReason.Kind.CUT_SHORT).isPresent();
    history.add(new Event.Intended(key));
    if (again) {
      history.add(new Event.MayRepeat(key));
    }
    history.add(new Event.Done(key));
  }

  private void print(Job job, String text) {
    history.add(new Event.Written("log " + job.id(), text));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    job.write(bytes, 0, bytes.length);
  }
}
