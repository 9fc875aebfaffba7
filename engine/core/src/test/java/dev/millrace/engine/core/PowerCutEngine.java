package dev.millrace.engine.core;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import dev.millrace.base.History.Line;
import dev.millrace.base.Judge;
import dev.millrace.base.Judge.Violation;
import dev.millrace.base.PowerCutDisk;
import dev.millrace.base.Sqlite;
import dev.millrace.base.TaskScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The program of {@link PowerCutIT}: an engine on a disk whose power is cut again and again, and
 * clients that each have it do one job after the other. Each cut is opened by another engine, and
 * judged with what the clients had been told when it came. Arguments: a directory, how many cuts,
 * the bug that is planted, the seed. Ends with status 1 at the first cut that broke a promise, and
 * with {@link #NOT_HERE} where there can be no such disk.
 */
final class PowerCutEngine {
  static final int NOT_HERE = 77;

  private static final int CLIENTS = 8;
  private static final int DISK_MEGABYTES = 192;
  private static final Duration PAUSE_MAX = Duration.ofMillis(60);

  /** How many jobs are done from one cut to the next: what has been told is judged at each. */
  private static final int JOBS_A_CUT = 150;

  private final Path file;
  private final History history;
  private final History.Tail tail;
  private final List<Line> past = new ArrayList<>();

  /** Finished logs that were found whole after an earlier cut: they need not be read again. */
  private final Set<String> found = new HashSet<>();

  private final List<Client> clients = new ArrayList<>();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final Semaphore due = new Semaphore(0);

  private PowerCutEngine(Path file, History history) {
    this.file = file;
    this.history = history;
    this.tail = new History.Tail(file);
  }

  private record Client(String name, Variable<String> wish, Current<String> stage) {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    Plant.parse(arguments[2]).install();
    Path file = directory.resolve("history");
    try (PowerCutDisk disk = PowerCutDisk.open(directory, DISK_MEGABYTES);
        History history = History.open(file, "engine")) {
      PowerCutEngine program = new PowerCutEngine(file, history);
      Random random = new Random(Long.parseLong(arguments[3]));
      List<Violation> found = program.run(disk, Integer.parseInt(arguments[1]), random);
      found.stream().limit(5).forEach(System.out::println);
      System.exit(found.isEmpty() ? 0 : 1);
    } catch (PowerCutDisk.NotAvailableException e) {
      System.out.println(e.getMessage());
      System.exit(NOT_HERE);
    }
  }

  private List<Violation> run(PowerCutDisk disk, int cuts, Random random) throws Exception {
    EngineConfig config = EngineConfig.in(disk.path().resolve("state"));
    try (Engine engine = Engine.start(config, this::pipeline);
        TaskScope scope = TaskScope.open("clients", CLIENTS)) {
      clients.forEach(client -> scope.fork(() -> live(client, engine)));
      try {
        for (int cut = 1; cut <= cuts; cut++) {
          due.release(JOBS_A_CUT);
          boolean _ =
              new CountDownLatch(1)
                  .await(random.nextLong(PAUSE_MAX.toNanos()), TimeUnit.NANOSECONDS);
          List<Violation> found = cut(disk);
          if (!found.isEmpty()) {
            System.out.printf("After cut %d:%n", cut);
            return found;
          }
        }
      } finally {
        ending.set(true);
        due.release(CLIENTS);
      }
      scope.join();
    }
    long done = past.stream().filter(line -> line.event() instanceof Event.Acknowledged).count();
    System.out.printf("%d cuts, %d jobs, nothing lost%n", cuts, done);
    return List.of();
  }

  private Current<?> pipeline(Engine engine) {
    Operation<String, String, String> work =
        TextOperation.of("work", (job, key, _) -> work(job, key)).withDescription((key, _) -> key);
    for (int i = 0; i < CLIENTS; i++) {
      String name = "client-" + i;
      Variable<String> wish = engine.variable(name, Outcome.skipped("nothing to do"));
      Current<String> stage = engine.run(name, work, wish.current(), Current.of(""));
      clients.add(new Client(name, wish, stage));
    }
    return Current.allDone(clients.stream().map(Client::stage).toList());
  }

  private void live(Client client, Engine engine) throws InterruptedException {
    for (int number = 0; !ending.get(); number++) {
      due.acquire();
      String job = client.name + "-" + number;
      history.add(new Event.Submitted(job));
      client.wish.set(job);
      Outcome<String> done = Outcome.ok("done " + job);
      EngineControl.Overview overview = engine.control().overview();
      while (!engine.observe(client.stage).outcome().equals(done)) {
        overview = engine.control().awaitChange(overview.round(), Duration.ofSeconds(1));
      }
      history.add(new Event.Acknowledged(job));
      JobId id = engine.control().findNewestJob("work", job).orElseThrow().id();
      history.add(new Event.Finished("log " + id));
    }
  }

  /** What the system has told somebody: it holds from then on. */
  private static boolean isPromise(Line line) {
    return line.event() instanceof Event.Acknowledged || line.event() instanceof Event.Finished;
  }

  private List<Violation> cut(PowerCutDisk disk) throws Exception {
    past.addAll(tail.next());
    int told = past.size();
    try (PowerCutDisk.Cut cut = disk.cut()) {
      past.addAll(tail.next());
      List<Line> lines = new ArrayList<>();
      past.stream().limit(told).filter(line -> !isFound(line)).forEach(lines::add);
      // What was told while the power was cut may or may not hold.
      past.stream().skip(told).filter(line -> !isPromise(line)).forEach(lines::add);
      List<Line> kept = inspect(cut.mount().resolve("state"));
      lines.addAll(kept);
      List<Violation> violations = Judge.judge(lines);
      kept.forEach(this::noteFound);
      return violations;
    }
  }

  private boolean isFound(Line line) {
    return line.event() instanceof Event.Finished(String log) && found.contains(log);
  }

  private void noteFound(Line line) {
    if (line.event() instanceof Event.Read(String log, String _, boolean cut) && !cut) {
      found.add(log);
    }
  }

  /** What an engine that is started after the cut keeps, as events. */
  private List<Line> inspect(Path state) throws Exception {
    checkDatabase(state);
    Path seen = file.resolveSibling("seen");
    Files.deleteIfExists(seen);
    try (History kept = History.open(seen, "after the cut");
        Engine engine = Engine.start(EngineConfig.in(state), _ -> Current.of(""))) {
      EngineControl control = engine.control();
      List<JobSummary> jobs = EngineInventory.listJobs(control);
      kept.add(new Event.Inventory());
      for (JobSummary job : jobs) {
        if (found.contains("log " + job.id())) {
          EngineInventory.noteReference(control, job, kept);
        } else {
          EngineInventory.note(control, job, job.description(), kept);
        }
      }
      jobs.stream()
          .filter(job -> !EngineInventory.isInterrupted(job))
          .forEach(job -> kept.add(new Event.Ended(job.description(), job.state().toString())));
    }
    return History.read(seen);
  }

  private static void checkDatabase(Path state) throws SQLException, IOException {
    Path database = state.resolve("db/millrace.sqlite");
    if (!Files.exists(database)) {
      return;
    }
    try (Connection connection = DriverManager.getConnection(Sqlite.url(database));
        Statement statement = connection.createStatement();
        ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
      if (!check.next() || !check.getString(1).equals("ok")) {
        throw new IOException("The database is damaged: " + check.getString(1));
      }
    }
  }

  private String work(Job job, String key) throws Exception {
    job.start(Level.AVERAGE);
    long token = job.record().build();
    history.add(new Event.Started(key, token));
    String text = "output of %s\n".formatted(key);
    history.add(new Event.Written("log " + job.id(), text));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    job.write(bytes, 0, bytes.length);
    history.add(new Event.Offered(key, token, StageState.PASSED.toString()));
    return "done " + key;
  }
}
