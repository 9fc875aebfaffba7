import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.opam.OpamIndex;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.DeltaBases;
import dev.millrace.solver.RepositoryDelta;
import dev.millrace.solver.SolveRequest;
import dev.millrace.solver.SolveResult;
import dev.millrace.solver.Solver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Question: does the solver reach its aims? Run by {@code benchmarks/run solver}.
 *
 * <p>What a process does first is measured in processes of their own, several times, and the middle
 * one counts; what it does for long is measured after two rounds that warm it up.
 */
final class SolverBenchmark {
  private static final int PROCESSES = 5;

  private final Path work;
  private final Path home;
  private final List<SolveRequest> requests;

  /** What the threads of the last round used, in seconds. */
  private double processorTime;

  private SolverBenchmark(Path work, Path home, List<SolveRequest> requests) {
    this.work = work;
    this.home = home;
    this.requests = requests;
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("open")) {
      open(Path.of(args[1]), args[2].isEmpty() ? OpamIndex.inMemory() : OpamIndex.in(Path.of(args[2])));
      return;
    }
    new SolverBenchmark(Path.of(args[0]), Path.of(args[1]), requests(Path.of(args[2]))).run();
  }

  private static void open(Path repository, OpamIndex index) throws Exception {
    long start = System.nanoTime();
    try (OpamRepository opened = index.open(repository, "HEAD")) {
      int names = opened.listNames().size();
      System.out.printf(Locale.ROOT, "%.3f %d%n", seconds(start), names);
    }
  }

  private void run() throws Exception {
    line("first open of 18,793 files from git, new process", middle(() -> openTime("")), 3, "s", true);
    Path cache = work.resolve("index");
    openTime(cache.toString());
    line("open from the checked index, new process", middle(() -> openTime(cache.toString())), 0.3, "s", true);
    line("millrace solve lwt, new process, index present", middle(this::launch), 1.2, "s", true);

    OpamIndex index = OpamIndex.in(cache);
    try (OpamRepository repository = index.open(work.resolve("repository"), "HEAD")) {
      Solver solver = Solver.open(repository);
      for (int i = 0; i < 2; i++) {
        rate(solver, 1);
      }
      List<Double> one = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      // One after the other, so that what else the machine does disturbs both alike.
      List<Double> byProcessorTime = new ArrayList<>();
      for (int i = 0; i < PROCESSES; i++) {
        double alone = rate(solver, 1);
        double used = processorTime;
        one.add(alone);
        ratios.add(rate(solver, 2) / alone);
        byProcessorTime.add(2 * used / processorTime);
      }
      Collections.sort(byProcessorTime);
      Collections.sort(one);
      Collections.sort(ratios);
      line("every-package set, one thread", one.get(PROCESSES / 2), 200, "requests/s", false);
      line("two threads against one, middle of 5", ratios.get(PROCESSES / 2), 1.8, "times", false);
      System.out.printf(Locale.ROOT, "  by processor time, whatever else the machine does: %.2f to %.2f%n", byProcessorTime.getFirst(), byProcessorTime.getLast());
      System.out.printf(Locale.ROOT, "  one thread %.0f to %.0f requests/s, ratios %.2f to %.2f%n", one.getFirst(), one.getLast(), ratios.getFirst(), ratios.getLast());
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      line("heap after that", (runtime.totalMemory() - runtime.freeMemory()) / 1e6, 400, "MB", true);
      follow(index, repository, solver);
    }
    System.out.println(
        "the OCaml solver: 8 to 10 requests/s on a machine of this kind (peers.md); none was run beside this");
  }

  /** A commit that changes five packages, and what one that changes one does. */
  private void follow(OpamIndex index, OpamRepository base, Solver solver) throws Exception {
    List<String> five = List.of("lwt/lwt.5.9.1", "yojson/yojson.2.2.2", "fmt/fmt.0.9.0", "uri/uri.4.4.0", "astring/astring.0.8.5");
    List<Double> times = new ArrayList<>();
    for (int i = -5; i < 7; i++) {
      String commit = commit(five, i);
      long start = System.nanoTime();
      try (OpamRepository next = index.open(work.resolve("repository"), commit)) {
        solver.next(next, RepositoryDiff.between(base, next));
        if (i >= 0) {
          times.add(seconds(start) * 1000);
        }
      }
    }
    Collections.sort(times);
    line("following a commit that changes 5 packages", times.get(times.size() / 2), 50, "ms", true);
    SolveRequest any = requests.getFirst();
    RepositoryDelta.Base known = RepositoryDelta.Base.of(solver, any.constraints(), any.variables());
    System.out.printf(Locale.ROOT, "opam delta of one package, no answers known: %.2f s%n", delta(index, known, 9));
    DeltaBases kept = DeltaBases.in(work.resolve("delta"), InstantSource.system());
    long start = System.nanoTime();
    kept.make(solver, any.constraints(), any.variables(), 2);
    System.out.printf(Locale.ROOT, "  all answers of the base: %.1f s%n", seconds(start));
    start = System.nanoTime();
    RepositoryDelta.Base found = kept.find(solver, any.constraints(), any.variables()).orElseThrow();
    double finding = seconds(start);
    double comparing = delta(index, found, 10);
    line("opam delta of one package, answers of the base kept", finding + comparing, 1, "s", true);
    System.out.printf(Locale.ROOT, "  %.2f s to read the answers, %.2f s to compare%n", finding, comparing);
    String head = commit(List.of("cohttp-lwt-unix/cohttp-lwt-unix.6.1.0"), 11);
    line("millrace opam delta of it, new process", middle(() -> launchDelta(head)), 1, "s", true);
  }

  private double delta(OpamIndex index, RepositoryDelta.Base base, int number) throws Exception {
    String commit = commit(List.of("cohttp-lwt-unix/cohttp-lwt-unix.6.1.0"), number);
    long start = System.nanoTime();
    try (OpamRepository next = index.open(work.resolve("repository"), commit)) {
      RepositoryDelta.between(base, next, 2);
    }
    return seconds(start);
  }

  /** Makes a commit on top of the snapshot in which these files say a little more. */
  private String commit(List<String> packages, int number) throws Exception {
    Path repository = work.resolve("repository");
    StringBuilder stream =
        new StringBuilder(
            "commit refs/heads/bench\ncommitter a <a@example.org> 1700000000 +0000\ndata 1\nx\nfrom refs/heads/"
                + git("symbolic-ref", "--short", "HEAD")
                + "^0\n");
    for (String pkg : packages) {
      Path file = repository.resolve("packages/" + pkg + "/opam");
      byte[] bytes = (Files.readString(file) + "\nconflicts: \"nothing-" + number + "\"\n").getBytes(UTF_8);
      stream.append("M 100644 inline packages/" + pkg + "/opam\ndata " + bytes.length + "\n" + new String(bytes, UTF_8) + "\n");
    }
    Path input = work.resolve("stream");
    Files.writeString(input, stream);
    Process process =
        new ProcessBuilder("git", "fast-import", "--quiet", "--force")
            .directory(repository.toFile())
            .redirectInput(input.toFile())
            .inheritIO()
            .redirectInput(input.toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("git fast-import failed");
    }
    return git("rev-parse", "refs/heads/bench");
  }

  private String git(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(Arrays.asList(arguments));
    return output(new ProcessBuilder(command).directory(work.resolve("repository").toFile())).strip();
  }

  private double openTime(String cache) throws Exception {
    return Double.parseDouble(
        output(
                new ProcessBuilder(
                    System.getProperty("java.home") + "/bin/java",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "SolverBenchmark",
                    "open",
                    work.resolve("repository").toString(),
                    cache))
            .split(" ")[0]);
  }

  private double launch() throws Exception {
    long start = System.nanoTime();
    output(
        new ProcessBuilder(
            home.resolve("millrace").toString(),
            "solve",
            "--repository",
            work.resolve("repository").toString(),
            "--state-dir",
            work.resolve("state").toString(),
            "--ocaml",
            "5.3.0",
            "lwt"));
    return seconds(start);
  }

  /** The answers for the head of the snapshot are made by the first one, and not measured. */
  private double launchDelta(String head) throws Exception {
    long start = System.nanoTime();
    output(
        new ProcessBuilder(
            home.resolve("millrace").toString(),
            "opam", "delta", "--keep", "HEAD", head,
            "--repository", work.resolve("repository").toString(),
            "--state-dir", work.resolve("state").toString(),
            "--ocaml", "5.3.0"));
    return seconds(start);
  }

  private static String output(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("Failed: " + builder.command());
    }
    return text;
  }

  private interface Measure {
    double take() throws Exception;
  }

  private static double middle(Measure measure) throws Exception {
    measure.take();
    List<Double> taken = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      taken.add(measure.take());
    }
    Collections.sort(taken);
    return taken.get(PROCESSES / 2);
  }

  private double rate(Solver solver, int threads) throws Exception {
    AtomicLong used = new AtomicLong();
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    AtomicInteger next = new AtomicInteger();
    AtomicInteger solved = new AtomicInteger();
    List<Thread> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      running.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int at = next.getAndIncrement(); at < requests.size(); at = next.getAndIncrement()) {
                        if (solver.solve(requests.get(at)) instanceof SolveResult.Solution) {
                          solved.incrementAndGet();
                        }
                      }
                      used.addAndGet(clock.getCurrentThreadCpuTime());
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  }));
    }
    for (Thread thread : running) {
      thread.join();
    }
    if (solved.get() != 1873) {
      throw new IllegalStateException("Solved " + solved + " instead of 1873");
    }
    processorTime = used.get() / 1e9;
    return requests.size() / seconds(start);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void line(String what, double measured, double aim, String unit, boolean below) {
    boolean holds = below ? measured <= aim : measured >= aim;
    System.out.printf(
        Locale.ROOT,
        "%-60s %9.2f %-10s aim %s %.2f: %s%n",
        what,
        measured,
        unit,
        below ? "at most" : "at least",
        aim,
        holds ? "holds" : "missed");
  }

  private static List<SolveRequest> requests(Path golden) throws IOException {
    List<SolveRequest> requests = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(golden)), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        JsonNode node = JsonMapper.shared().readTree(line);
        Map<PackageName, VersionConstraint> constraints = new LinkedHashMap<>();
        for (JsonNode c : node.path("constraints")) {
          constraints.put(
              PackageName.parse(c.path(0).asString()),
              new VersionConstraint(Relop.EQ, PackageVersion.parse(c.path(2).asString())));
        }
        Map<String, String> variables = new LinkedHashMap<>();
        node.path("env").properties().forEach(e -> variables.put(e.getKey(), e.getValue().asString()));
        requests.add(
            new SolveRequest(
                List.of(PackageName.parse(node.path("roots").path(0).asString())),
                constraints,
                variables,
                Set.of(),
                Map.of(),
                SolveRequest.Preference.NEWEST,
                SolveRequest.Rules.LIBRARY));
      }
    }
    return requests;
  }
}
