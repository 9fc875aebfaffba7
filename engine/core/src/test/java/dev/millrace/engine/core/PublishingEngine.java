package dev.millrace.engine.core;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The program of {@link OutsideEffectIT}: jobs that change something outside, each of which is
 * stopped dead once between the change and its record. Arguments: the history, a name, a directory
 * (what is in it but not in {@code state} is outside), how many jobs of each kind, and whether the
 * bug is planted that nothing is done about repetitions.
 */
final class PublishingEngine {
  /** As after a SIGKILL. */
  private static final int KILLED = 137;

  private final History history;
  private final Path outside;
  private final boolean blind;
  private final AtomicReference<Optional<Engine>> engine = new AtomicReference<>(Optional.empty());

  private PublishingEngine(History history, Path outside, boolean blind) {
    this.history = history;
    this.outside = outside;
    this.blind = blind;
  }

  public static void main(String[] arguments) throws Exception {
    Path outside = Files.createDirectories(Path.of(arguments[2], "outside"));
    int count = Integer.parseInt(arguments[3]);
    EngineConfig config = EngineConfig.in(Path.of(arguments[2], "state"));
    try (History history = History.open(Path.of(arguments[0]), arguments[1])) {
      PublishingEngine program =
          new PublishingEngine(history, outside, Boolean.parseBoolean(arguments[4]));
      try (Engine engine = Engine.start(config, made -> program.pipeline(made, count))) {
        history.add(new Event.Serving(arguments[1]));
        EngineControl.Overview overview = engine.control().overview();
        while (!overview.settled()) {
          overview = engine.control().awaitChange(overview.round(), Duration.ofSeconds(1));
        }
      }
    }
  }

  private Current<?> pipeline(Engine made, int count) {
    engine.set(Optional.of(made));
    Pool one = Pool.of("publishing", 1);
    List<Current<String>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (String kind : List.of("status", "message")) {
        String intent = kind + "-" + i;
        all.add(made.run(intent, publishing(kind, one), Current.of(intent), Current.of("")));
      }
    }
    return Current.allDone(all);
  }

  private Operation<String, String, String> publishing(String kind, Pool pool) {
    return TextOperation.of(kind, (job, intent, _) -> publish(kind, pool, job, intent))
        .withDescription((intent, _) -> intent);
  }

  /** A status can be looked up; of a message it can only be said that it may come again. */
  private String publish(String kind, Pool pool, Job job, String intent) throws Exception {
    job.start(Level.DANGEROUS, pool);
    history.add(new Event.Intended(intent));
    if (kind.equals("status") && !blind && Files.exists(outside.resolve(intent))) {
      return "done before";
    }
    if (kind.equals("message") && !blind && mayHaveBeenDone(job.id())) {
      history.add(new Event.MayRepeat(intent));
    }
    history.add(new Event.Done(intent));
    boolean first = create(outside.resolve(intent));
    // By the intent, so that the seed of the experiment need not be known here.
    if (first && new Random(intent.hashCode()).nextInt(4) > 0) {
      Runtime.getRuntime().halt(KILLED);
    }
    return "done";
  }

  private boolean mayHaveBeenDone(JobId job) {
    return engine
        .get()
        .flatMap(made -> made.control().findReason(job))
        .filter(reason -> reason.kind() == JobReason.Kind.CUT_SHORT)
        .isPresent();
  }

  private static boolean create(Path file) throws Exception {
    try {
      Files.createFile(file);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }
}
