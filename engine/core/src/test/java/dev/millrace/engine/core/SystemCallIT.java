package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Event;
import dev.millrace.base.Experiment;
import dev.millrace.base.History;
import dev.millrace.base.History.Line;
import dev.millrace.base.JavaProgram;
import dev.millrace.base.Judge;
import dev.millrace.base.Judge.Violation;
import dev.millrace.base.ManualTime;
import dev.millrace.base.SystemCalls;
import dev.millrace.base.SystemCalls.Point;
import dev.millrace.base.TaskScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: between any two of its calls to the kernel an engine may die, and any of them may fail, and
 * nothing that it has told anybody is lost, nor anything left behind (D3, D4). Method: {@link
 * ScriptedEngine} is killed at one point of its life after the other by strace, or its call fails
 * there; then another engine takes over, and the history is judged.
 */
class SystemCallIT {
  /** What changes files, or makes the change last. */
  private static final Set<String> CALLS =
      Set.of(
          "fsync",
          "fdatasync",
          "pwrite64",
          "write",
          "ftruncate",
          "unlink",
          "rename",
          "mkdir",
          "rmdir",
          "fallocate");

  /** What the records are written with. */
  private static final Set<String> DATABASE = Set.of("fsync", "fdatasync", "pwrite64");

  private static final int PARALLEL = 2;
  private static final long PATIENCE_SECONDS = 120;
  private static final Duration STOPS = Duration.ofSeconds(5);

  @TempDir static Path shared;
  @TempDir Path directory;

  private static JavaProgram program = JavaProgram.of(ScriptedEngine.class);
  private static List<Point> points = List.of();
  private static Map<String, Integer> clean = Map.of();

  @BeforeAll
  static void liveUndisturbed() throws Exception {
    assumeTrue(
        SystemCalls.canInject(), "NOT TESTED: system calls that fail or are the last: no strace");
    Path rehearsal = Files.createDirectory(shared.resolve("rehearsal"));
    program = program.rehearsed(shared, arguments(rehearsal, Plant.NONE));
    Path trace = shared.resolve("trace");
    Path life = Files.createDirectory(shared.resolve("life"));
    int status = run(life, SystemCalls.list(trace, CALLS), Plant.NONE).status;
    assertThat(status).as(Files.readString(life.resolve("output"))).isZero();
    points = SystemCalls.points(trace);
    assertThat(audit(life)).isEmpty();
    clean = EngineInventory.countFiles(life.resolve("state"));
  }

  private static List<String> arguments(Path life, Plant plant) {
    return List.of(
        life.resolve("history").toString(),
        "engine",
        life.resolve("state").toString(),
        plant.toString());
  }

  private record Ending(int status, Duration silence) {}

  /** Lives a life, to whatever end it comes. */
  private static Ending run(Path life, List<String> wrapper, Plant plant) throws Exception {
    Process process = program.start(wrapper, life.resolve("output"), arguments(life, plant));
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .as("%s ends", wrapper)
          .isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    List<Line> past = History.read(life.resolve("history"));
    Duration last = past.isEmpty() ? Duration.ZERO : past.getLast().at();
    try (History history = History.open(life.resolve("history"), "rig")) {
      history.add(new Event.Killed("engine"));
      History.leases("engine", past).forEach(history::add);
    }
    Duration now = History.read(life.resolve("history")).get(past.size()).at();
    return new Ending(process.exitValue(), past.isEmpty() ? Duration.ZERO : now.minus(last));
  }

  /** Has another engine take over, and judges what it finds. A month later, it throws old away. */
  private static List<Violation> audit(Path life) throws Exception {
    Path file = life.resolve("history");
    ManualTime later = new ManualTime(InstantSource.system().instant().plus(Duration.ofDays(40)));
    try (History history = History.open(file, "auditor")) {
      ScriptedEngine script = new ScriptedEngine(history, false);
      try (TestEngine engine =
          TestEngine.start(
              life.resolve("state"),
              later,
              config ->
                  config.withKeepHistory(ScriptedEngine.KEPT).withKeepLogs(Duration.ofDays(9)),
              script::pipeline)) {
        script.wantAgain(History.read(file));
        engine.engine().tick();
        engine.awaitSettled();
        List<JobSummary> jobs =
            EngineInventory.take(engine.control(), ScriptedEngine::name, history);
        noteEnds(jobs, History.read(file), history);
        engine.engine().retain();
      }
    }
    return Judge.judge(History.read(file));
  }

  private static void noteEnds(List<JobSummary> jobs, List<Line> past, History history) {
    List<JobSummary> ended =
        jobs.stream().filter(job -> !EngineInventory.isInterrupted(job)).toList();
    for (JobSummary job : ended) {
      history.add(new Event.Ended(ScriptedEngine.name(job), job.state().toString()));
    }
    past.stream()
        .map(Line::event)
        .flatMap(
            event ->
                event instanceof Event.Submitted(String request) ? Stream.of(request) : Stream.of())
        .filter(
            request -> ended.stream().anyMatch(job -> ScriptedEngine.heard(job).contains(request)))
        .forEach(request -> history.add(new Event.Ended(request, "heard")));
  }

  private interface Trial {
    Optional<String> complaint(Point point, Path life) throws Exception;
  }

  /** What there is to complain of, at any of these points. */
  private List<String> tryAt(List<Point> chosen, Trial trial) throws Exception {
    List<TaskScope.Task<Optional<String>>> tasks = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("points", PARALLEL)) {
      for (Point point : chosen) {
        Path life = Files.createDirectory(directory.resolve(point.toString().replace(' ', '-')));
        tasks.add(scope.fork(() -> trial.complaint(point, life)));
      }
      scope.join();
    }
    return tasks.stream().flatMap(task -> task.result().stream()).toList();
  }

  private static Optional<String> complaint(Point point, Path life) throws Exception {
    List<Violation> violations = audit(life);
    Map<String, Integer> left = EngineInventory.countFiles(life.resolve("state"));
    Stream<String> surplus =
        left.entrySet().stream()
            .filter(entry -> entry.getValue() > clean.getOrDefault(entry.getKey(), 0))
            .map(entry -> "left behind: " + entry);
    List<String> all =
        Stream.concat(violations.stream().map(Violation::toString), surplus).toList();
    return all.isEmpty() ? Optional.empty() : Optional.of(point + ": " + String.join("\n", all));
  }

  @Test
  void anyCallMayBeTheLast() throws Exception {
    Experiment experiment = Experiment.begin("the last system call");
    List<Point> chosen = SystemCalls.choose(points, experiment.count(12, 60, Integer.MAX_VALUE));

    AtomicInteger killed = new AtomicInteger();

    List<String> complaints =
        tryAt(
            chosen,
            (point, life) -> {
              // Threads share their work differently from life to life: some come to their ends.
              killed.addAndGet(run(life, point.kill(), Plant.NONE).status == 0 ? 0 : 1);
              return complaint(point, life);
            });

    experiment.report(
        "killed at %d of %d points, of %d".formatted(killed.get(), chosen.size(), points.size()));
    assertThat(complaints).as("%s", experiment).isEmpty();
    assertThat(killed.get()).as("%s", experiment).isGreaterThan(chosen.size() / 2);
  }

  /** The end of an engine one of whose calls may have failed. */
  private record Failing(Point point, List<String> failed, Ending ending) {
    boolean isIgnored() {
      return !failed.isEmpty() && ending.status == 0;
    }
  }

  /**
   * Fails one call after the other; says how the engines ended, having seen that nothing is lost.
   */
  private List<Failing> failAt(List<Point> chosen, Experiment experiment) throws Exception {
    List<Failing> endings = Collections.synchronizedList(new ArrayList<>());
    List<String> complaints =
        tryAt(
            chosen,
            (point, life) -> {
              Path trace = life.resolve("trace");
              Ending ending = run(life, point.fail("EIO", trace), Plant.NONE);
              endings.add(new Failing(point, SystemCalls.failed(trace), ending));
              return complaint(point, life);
            });
    assertThat(complaints).as("%s", experiment).isEmpty();
    List<Duration> silences =
        endings.stream()
            .filter(failing -> !failing.failed.isEmpty() && !failing.isIgnored())
            .map(failing -> failing.ending.silence)
            .sorted()
            .toList();
    experiment.report(
        "%d of %d engines ended, within %s; ignored: %s"
            .formatted(
                silences.size(),
                endings.size(),
                silences,
                endings.stream().filter(Failing::isIgnored).toList()));
    // What fails as the records are closed, once all is in them, may be: nothing depends on it.
    assertThat(endings.stream().filter(Failing::isIgnored))
        .as("%s", experiment)
        .hasSizeLessThanOrEqualTo(1 + chosen.size() / 8)
        .allMatch(failing -> failing.failed.getFirst().contains("/db/millrace.sqlite"));
    // A machine that has other things to do may be late now and then.
    assertThat(silences.get(silences.size() * 3 / 4)).isLessThan(STOPS);
    return endings;
  }

  @Test
  void anyCallOfTheDatabaseMayFail() throws Exception {
    Experiment experiment = Experiment.begin("failing system calls");
    List<Point> chosen = SystemCalls.choose(ofDatabase(), experiment.count(5, 40, 200));

    List<Failing> endings = failAt(chosen, experiment);

    assertThat(endings.stream().filter(failing -> !failing.failed.isEmpty()))
        .as("%s: calls that failed", experiment)
        .hasSizeGreaterThan(chosen.size() / 2);
  }

  /** What is written to the records, and by nobody but their writer, once the engine works. */
  private static List<Point> laterWrites() {
    List<Point> all = of(Set.of("pwrite64"));
    return all.subList(all.size() / 2, all.size() - 1);
  }

  private static List<Point> ofDatabase() {
    return of(DATABASE);
  }

  private static List<Point> of(Set<String> calls) {
    return points.stream().filter(point -> calls.contains(point.call())).toList();
  }

  @Test
  void aDatabaseThatCommitsTooLateIsFound() throws Exception {
    Experiment experiment = Experiment.begin("the last system call, planted " + Plant.LAZY_COMMIT);

    List<String> complaints =
        tryAt(
            SystemCalls.choose(of(Set.of("write")), 6),
            (point, life) -> {
              Ending _ = run(life, point.kill(), Plant.LAZY_COMMIT);
              return complaint(point, life);
            });

    assertThat(complaints).as("%s", experiment).isNotEmpty();
  }

  @Test
  void aDatabaseThatDoesNotHearOfFailuresIsFound() throws Exception {
    Experiment experiment = Experiment.begin("failing system calls, planted " + Plant.DEAF_COMMIT);

    List<Point> chosen = SystemCalls.choose(laterWrites(), 16);
    List<String> complaints = List.of();

    // At about every other point it loses something that is missed.
    for (int i = 0; i < chosen.size() && complaints.isEmpty(); i += PARALLEL) {
      complaints =
          tryAt(
              chosen.subList(i, Math.min(chosen.size(), i + PARALLEL)),
              (point, life) -> {
                Ending _ = run(life, point.fail("EIO", Path.of("/dev/null")), Plant.DEAF_COMMIT);
                return complaint(point, life);
              });
    }

    assertThat(complaints).as("%s", experiment).isNotEmpty();
  }
}
