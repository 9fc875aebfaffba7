package dev.millrace.engine.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The program that {@link CrashIT} kills: a pipeline of {@value #CHAINS} chains of two jobs each,
 * which ends once it has settled. Arguments: the state directory, and the history, a file that gets
 * a line for everything that a bystander could see.
 */
final class CrashedEngine {
  static final int CHAINS = 60;

  /** Every so manyth chain fails in its first job. */
  static final int FAILING = 7;

  private CrashedEngine() {}

  public static void main(String[] arguments) throws Exception {
    try (FileChannel file =
        FileChannel.open(
            Path.of(arguments[1]), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      History history = new History(file);
      history.add("start");
      try (Engine engine =
          Engine.start(EngineConfig.in(Path.of(arguments[0])), made -> pipeline(made, history))) {
        follow(engine.control(), history);
      }
      history.add("settled");
    }
  }

  /** One write for each line: whole lines survive a SIGKILL, in their order. */
  private record History(FileChannel file) {
    synchronized void add(String line) {
      try {
        file.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Current<?> pipeline(Engine engine, History history) {
    Pool pool = Pool.of("places", 4);
    Work first = new Work("first", pool, history);
    Work second = new Work("second", pool, history);
    List<Current<String>> all = new ArrayList<>();
    for (int i = 0; i < CHAINS; i++) {
      String name = "%02d".formatted(i);
      Current<String> before =
          engine.run("first-" + name, first, Current.of(name), Current.of("start"));
      all.add(engine.run("second-" + name, second, Current.of(name), before));
    }
    return Current.allDone(all);
  }

  private static void follow(EngineControl control, History history) throws InterruptedException {
    Set<String> shown = new LinkedHashSet<>();
    boolean first = true;
    EngineControl.Overview overview = control.overview();
    while (true) {
      for (Diagram.Node node : control.diagram(Set.of(), Set.of()).nodes()) {
        boolean ended = node.state() == StageState.PASSED || node.state() == StageState.FAILED;
        if (ended && node.label().matches("(first|second)-\\d\\d") && shown.add(node.label())) {
          history.add("shown " + node.label());
        }
      }
      if (first) {
        history.add("began");
        first = false;
      }
      if (overview.settled()) {
        return;
      }
      if (control.health() instanceof EngineControl.Health.Bad bad) {
        throw new IllegalStateException(bad.reason());
      }
      overview = control.awaitChange(overview.round(), Duration.ofSeconds(1));
    }
  }

  private record Work(String id, Pool pool, History history)
      implements Operation<String, String, String> {
    @Override
    public String describe(String key, String value) {
      return id + "-" + key;
    }

    @Override
    public String keyDigest(String key) {
      return key;
    }

    @Override
    public String valueDigest(String value) {
      return value;
    }

    @Override
    public String encode(String outcome) {
      return outcome;
    }

    @Override
    public String decode(String text) {
      return text;
    }

    @Override
    public String run(Job job, String key, String value) throws Exception {
      job.start(Level.AVERAGE, pool);
      history.add("run %s-%s %s".formatted(id, key, job.id()));
      int number = Integer.parseInt(key);
      for (int line = 0; line < 20; line++) {
        job.log("line %d of %s".formatted(line, key));
      }
      boolean _ = new CountDownLatch(1).await(number % 11, TimeUnit.MILLISECONDS);
      if (id.equals("first") && number % FAILING == 0) {
        throw new JobFailedException("it always fails");
      }
      return value + "," + key;
    }
  }
}
