package dev.millrace.engine.core;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The program that {@link KillIT} kills: a pipeline of chains of two jobs each, which ends once all
 * is done and right. Arguments: the history, a name, the state directory, how many chains, and the
 * bug that is planted.
 */
final class KilledEngine {
  /** Every so manyth chain fails in its first job. */
  static final int FAILING = 7;

  private static final int LINES = 20;

  private final History history;
  private final int chains;
  private final Map<String, Current<String>> ends = new LinkedHashMap<>();
  private final CountDownLatch serving = new CountDownLatch(1);

  private KilledEngine(History history, int chains) {
    this.history = history;
    this.chains = chains;
  }

  public static void main(String[] arguments) throws Exception {
    Path state = Path.of(arguments[2]);
    plant(Plant.parse(arguments[4]), state);
    try (History history = History.open(Path.of(arguments[0]), arguments[1])) {
      KilledEngine program = new KilledEngine(history, Integer.parseInt(arguments[3]));
      try (Engine engine = Engine.start(EngineConfig.in(state), program::pipeline)) {
        program.follow(engine.control(), arguments[1]);
        program.check(engine);
      }
    }
  }

  private static void plant(Plant plant, Path state) throws Exception {
    plant.install();
    if (plant == Plant.LEFTOVER) {
      Files.createDirectories(state);
      Files.createTempFile(state, "draft", ".tmp");
    }
    if (plant == Plant.CUT_LOG && Files.isDirectory(state)) {
      try (Stream<Path> files = Files.walk(state)) {
        for (Path file : files.filter(KilledEngine::holdsFinishedLog).toList()) {
          cut(file);
        }
      }
    }
  }

  private static boolean holdsFinishedLog(Path file) {
    try {
      return file.toString().endsWith(".log") && Files.readString(file).contains("Job failed: ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void cut(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
  }

  /** The names of all jobs of so many chains that come to run. */
  static List<String> jobs(int chains) {
    List<String> jobs = new ArrayList<>();
    for (int i = 0; i < chains; i++) {
      jobs.add("first-%03d".formatted(i));
      if (i % FAILING != 0) {
        jobs.add("second-%03d".formatted(i));
      }
    }
    return jobs;
  }

  private Current<?> pipeline(Engine engine) {
    Pool pool = Pool.of("places", 4);
    Operation<String, String, String> first = work("first", pool);
    Operation<String, String, String> second = work("second", pool);
    for (int i = 0; i < chains; i++) {
      String name = "%03d".formatted(i);
      Current<String> before =
          engine.run("first-" + name, first, Current.of(name), Current.of("start"));
      ends.put(name, engine.run("second-" + name, second, Current.of(name), before));
    }
    return Current.allDone(List.copyOf(ends.values()));
  }

  /** Notes what can be seen, until there is nothing more to see. */
  private void follow(EngineControl control, String name) throws InterruptedException {
    Set<String> shown = new LinkedHashSet<>();
    EngineControl.Overview overview = control.overview();
    note(control, shown);
    history.add(new Event.Serving(name));
    serving.countDown();
    while (!overview.settled()) {
      if (control.health() instanceof EngineControl.Health.Bad bad) {
        throw new IllegalStateException(bad.reason());
      }
      overview = control.awaitChange(overview.round(), Duration.ofSeconds(1));
      note(control, shown);
    }
  }

  private void note(EngineControl control, Set<String> shown) {
    for (Diagram.Node node : control.diagram(Set.of(), Set.of()).nodes()) {
      boolean ended = node.state() == StageState.PASSED || node.state() == StageState.FAILED;
      if (ended && node.job().isPresent() && shown.add(node.label())) {
        history.add(new Event.Ended(node.label(), node.state().toString()));
        history.add(new Event.Finished("log " + node.job().get()));
      }
    }
  }

  private void check(Engine engine) {
    ends.forEach(
        (name, end) -> {
          Outcome<String> outcome = engine.observe(end).outcome();
          Outcome<String> right =
              Integer.parseInt(name) % FAILING == 0
                  ? Outcome.failed("it always fails")
                  : Outcome.ok("start,%s,%s".formatted(name, name));
          if (!outcome.equals(right)) {
            throw new IllegalStateException(
                "Chain %s came to %s instead of %s".formatted(name, outcome, right));
          }
        });
  }

  private Operation<String, String, String> work(String id, Pool pool) {
    return TextOperation.of(id, (job, key, value) -> work(id, pool, job, key, value))
        .withDescription((key, _) -> id + "-" + key);
  }

  private String work(String id, Pool pool, Job job, String key, String value) throws Exception {
    job.start(Level.AVERAGE, pool);
    // So a life does as much before it is killed on a slow machine as on a fast one.
    serving.await();
    String name = job.description();
    long token = job.record().build();
    history.add(new Event.Started(name, token));
    for (int line = 0; line < LINES; line++) {
      print(job, "line %d of %s\n".formatted(line, key));
    }
    int number = Integer.parseInt(key);
    boolean _ = new CountDownLatch(1).await(20 + number % 41, TimeUnit.MILLISECONDS);
    if (id.equals("first") && number % FAILING == 0) {
      history.add(new Event.Offered(name, token, StageState.FAILED + ": it always fails"));
      throw new JobFailedException("it always fails");
    }
    history.add(new Event.Offered(name, token, StageState.PASSED.toString()));
    return value + "," + key;
  }

  private void print(Job job, String text) {
    history.add(new Event.Written("log " + job.id(), text));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    job.write(bytes, 0, bytes.length);
  }
}
