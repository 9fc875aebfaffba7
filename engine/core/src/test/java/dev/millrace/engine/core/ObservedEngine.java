package dev.millrace.engine.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * The program whose system calls {@link EvaluationIT} watches: an engine with all that makes it
 * work going on at once, first to load all classes, then between two marks. Arguments: the state
 * directory, and {@code plain} or {@code reading}, for a pipeline with a stage that reads a file.
 */
final class ObservedEngine {
  /** Looked for, and so seen by who watches the system calls, when the watching is to begin. */
  static final String BEGIN = "/millrace-observation-begins";

  /** The same for its end. */
  static final String END = "/millrace-observation-ends";

  private static final int WARM_UP = 6;
  private static final int OBSERVED = 4;

  private final AtomicReference<Variable<Integer>> input = new AtomicReference<>();
  private final Poll poll = new Poll();
  private final boolean reading;

  private ObservedEngine(boolean reading) {
    this.reading = reading;
  }

  public static void main(String[] arguments) throws Exception {
    ObservedEngine observed = new ObservedEngine(arguments[1].equals("reading"));
    try (Engine engine = Engine.start(EngineConfig.in(Path.of(arguments[0])), observed::pipeline)) {
      for (int round = 0; round < WARM_UP + OBSERVED; round++) {
        if (round == WARM_UP) {
          say("evaluation " + evaluationThread());
          boolean _ = Files.exists(Path.of(BEGIN));
        }
        observed.work(engine.control(), round);
      }
      boolean _ = Files.exists(Path.of(END));
    }
  }

  @SuppressWarnings("SystemOut") // That is how this program speaks to its test.
  private static void say(String line) {
    System.out.println(line);
  }

  /** The number that the kernel has for the evaluation's thread. */
  private static String evaluationThread() throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        if (Files.readString(task.resolve("comm")).startsWith("millrace-evalua")) {
          found.add(task.getFileName().toString());
        }
      }
    }
    return String.join(" ", found);
  }

  private Current<?> pipeline(Engine engine) {
    Variable<Integer> variable = engine.variable("input", Outcome.ok(0));
    input.set(variable);
    TextOperation work = TextOperation.of("work", ObservedEngine::work);
    Current<Integer> number = variable.current();
    Current<Integer> polled = engine.monitor("poll", poll);
    Current<List<Integer>> members = number.map(n -> IntStream.range(n, n + 8).boxed().toList());
    Current<List<String>> results =
        Current.mapEach(
            members,
            x -> x,
            x -> "item " + x,
            item ->
                engine.run(
                    "work",
                    work,
                    item.map(Object::toString),
                    polled.map(Object::toString),
                    Schedule.validFor(Duration.ofDays(1))));
    return reading ? results.map(_ -> readFile()) : results;
  }

  private static int readFile() {
    try {
      return Files.readAllBytes(Path.of("/proc/version")).length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void work(EngineControl control, int round) throws InterruptedException {
    settle(control);
    input.get().set(round * 3);
    settle(control);
    poll.next(round);
    settle(control);
    for (JobSummary job : control.listJobs(JobQuery.newest(5))) {
      var _ = control.rebuild(job.id(), "somebody");
      var _ = control.cancel(job.id(), "somebody");
      var _ = control.findLog(job.id());
    }
    control.setConfirmThreshold(Optional.of(Level.DANGEROUS), "somebody");
    var _ = control.diagram(java.util.Set.of(), java.util.Set.of());
    settle(control);
  }

  private static void settle(EngineControl control) throws InterruptedException {
    EngineControl.Overview overview = control.overview();
    while (!overview.settled()) {
      overview = control.awaitChange(overview.round(), Duration.ofMillis(20));
    }
  }

  /** Something outside that changes when it is told to. */
  private static final class Poll implements Monitor<Integer> {
    private final AtomicReference<Runnable> refresh = new AtomicReference<>(() -> {});
    private final AtomicReference<Integer> number = new AtomicReference<>(0);

    void next(int value) {
      number.set(value);
      refresh.get().run();
    }

    @Override
    public Integer read() throws IOException {
      return number.get() + 0 * Files.readAllBytes(Path.of("/proc/version")).length;
    }

    @Override
    public AutoCloseable watch(Runnable newRefresh) {
      refresh.set(newRefresh);
      return () -> {};
    }
  }

  private static String work(Job job, String key, String value) throws Exception {
    job.start(Level.AVERAGE);
    job.log("at work");
    if (key.endsWith("7")) {
      throw new JobFailedException("it always fails");
    }
    return key + value;
  }
}
