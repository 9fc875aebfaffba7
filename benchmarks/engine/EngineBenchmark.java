package dev.millrace.engine.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Question: does the engine reach its aims, and what is gained over doing all of it again? Run by
 * {@code benchmarks/engine/run}.
 *
 * <p>Each row is measured in several processes, after a warm-up in each, beside a baseline that does
 * the same in the plainest way; the middle process counts, and the spread of all is printed. It lies
 * in the engine's package, and uses the engine's own test bench, to measure stages without the
 * threads around them.
 */
final class EngineBenchmark {
  private static final int PROCESSES = 3;
  private static final int N = 10_000;

  /** Keeps the compiler from leaving out what nobody reads. */
  private static long sink;

  private EngineBenchmark() {}

  /** A row as it is measured: nanoseconds, and nanoseconds of the baseline (0: there is none). */
  private record Measured(String row, long nanos, long baseline) {
    static Measured parse(String line) {
      String[] parts = line.split("\t", -1);
      return new Measured(parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3]));
    }

    @Override
    public String toString() {
      return "row\t%s\t%d\t%d".formatted(row, nanos, baseline);
    }
  }

  /** What a row is to reach, and what its baseline does. */
  private record Aim(String what, double millis, String baseline) {}

  private static final Map<String, Aim> AIMS = new LinkedHashMap<>();

  static {
    AIMS.put("chain", new Aim("chain of 10,000 maps, change the head", 2, "a loop of 10,000 calls"));
    AIMS.put("fan", new Aim("one input read by 10,000 maps", 5, "a loop of 10,000 calls"));
    AIMS.put("list", new Aim("list of 10,000 mapped items, one comes or goes", 1, "mapping all"));
    AIMS.put("tree", new Aim("10,000 inputs, a map each, sum tree, change one", 0.010, "adding all"));
    AIMS.put("tree10", new Aim("… the same with 100,000 inputs", 0.010, "adding all"));
    AIMS.put("build", new Aim("a pipeline of 100,000 stages from scratch", 500, "objects in a list"));
    AIMS.put("dot", new Aim("DOT text for 10,000 inputs", 100, "joining the labels"));
    AIMS.put(
        "fresh", new Aim("10,000 trivial operations from nothing", 1000, "making 10,000 files"));
    AIMS.put("restart", new Aim("… settled again after a restart", 400, "reading their names"));
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 1) {
      measureAll(Path.of(arguments[0]), arguments[1]);
      return;
    }
    Map<String, List<Measured>> all = new LinkedHashMap<>();
    for (String group : List.of("stages", "operations")) {
      for (int i = 0; i < PROCESSES; i++) {
        for (Measured measured : fork(Path.of(arguments[0]), group)) {
          all.computeIfAbsent(measured.row, _ -> new ArrayList<>()).add(measured);
        }
      }
    }
    AIMS.forEach((row, aim) -> print(aim, all.getOrDefault(row, List.of())));
  }

  private static void print(Aim aim, List<Measured> found) {
    List<Measured> sorted = new ArrayList<>(found);
    sorted.sort((a, b) -> Long.compare(a.nanos, b.nanos));
    Measured middle = sorted.get(sorted.size() / 2);
    double millis = middle.nanos / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%-50s %9.3f ms (%.3f to %.3f), %.2f times %s; aim under %s ms: %s%n",
        aim.what,
        millis,
        sorted.getFirst().nanos / 1e6,
        sorted.getLast().nanos / 1e6,
        (double) middle.nanos / middle.baseline,
        aim.baseline,
        aim.millis >= 1 ? Long.toString((long) aim.millis) : Double.toString(aim.millis),
        millis < aim.millis ? "holds" : "missed");
  }

  private static List<Measured> fork(Path work, String group) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                EngineBenchmark.class.getName(),
                work.toString(),
                group)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("The measuring process failed: " + output);
    }
    return output.lines().filter(line -> line.startsWith("row\t")).map(Measured::parse).toList();
  }

  private static void measureAll(Path work, String group) throws Exception {
    switch (group) {
      case "stages" -> {
        chain();
        fan();
        list();
        tree("tree", N);
        tree("tree10", 10 * N);
        build();
        dot();
      }
      case "operations" -> operations(work);
      default -> throw new IllegalArgumentException("There is no group " + group);
    }
    if (sink == 42) {
      System.out.println();
    }
  }

  /** The middle of many, after half as many to warm up. */
  private static long median(int times, LongSupplier work) {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < times + times / 2; i++) {
      long start = System.nanoTime();
      sink += work.getAsLong();
      long took = System.nanoTime() - start;
      if (i >= times / 2) {
        all.add(took);
      }
    }
    Collections.sort(all);
    return all.get(all.size() / 2);
  }

  private static void report(String row, long nanos, long baseline) {
    System.out.println(new Measured(row, nanos, baseline));
  }

  /** What a naive engine does on each change: calls every function. */
  private static long callAll(int functions) {
    List<java.util.function.UnaryOperator<Integer>> all =
        Collections.nCopies(functions, x -> x + 1);
    return median(
        300,
        () -> {
          Integer value = (int) (sink & 7);
          for (java.util.function.UnaryOperator<Integer> function : all) {
            value = function.apply(value);
          }
          return value;
        });
  }

  private static void chain() {
    Bench bench = new Bench();
    Current<Integer> input = bench.input("a", Outcome.ok(0));
    Current<Integer> end =
        bench.make(
            () -> {
              Current<Integer> stage = input;
              for (int i = 0; i < N; i++) {
                stage = stage.map(x -> x + 1);
              }
              return stage;
            });
    int[] value = {1};
    report(
        "chain",
        median(
            300,
            () -> {
              bench.set(input, Outcome.ok(value[0]++));
              return end.observe().value();
            }),
        callAll(N));
  }

  private static void fan() {
    Bench bench = new Bench();
    Current<Integer> input = bench.input("a", Outcome.ok(0));
    bench.make(
        () -> {
          for (int i = 0; i < N; i++) {
            Current<Integer> _ = input.map(x -> x + 1);
          }
          return input;
        });
    int[] value = {1};
    report(
        "fan",
        median(
            300,
            () -> {
              bench.set(input, Outcome.ok(value[0]++));
              return value[0];
            }),
        callAll(N));
  }

  private static void list() {
    Bench bench = new Bench();
    List<Integer> without = IntStream.range(0, N).boxed().toList();
    List<Integer> with = new ArrayList<>(without);
    with.add(N / 2, N);
    Current<List<Integer>> input = bench.input("a", Outcome.ok(without));
    Current<List<Integer>> results =
        bench.make(
            () -> Current.mapEach(input, x -> x, x -> "item " + x, item -> item.map(x -> x + 1)));
    int[] turn = {0};
    report(
        "list",
        median(
            400,
            () -> {
              bench.set(input, Outcome.ok(turn[0]++ % 2 == 0 ? with : without));
              return results.observe().value().size();
            }),
        median(400, () -> (turn[0]++ % 2 == 0 ? with : without).stream().map(x -> x + 1).toList().size()));
  }

  private static void tree(String row, int inputs) {
    Bench bench = new Bench();
    List<Current<Integer>> leaves = new ArrayList<>();
    Current<Integer> root =
        bench.make(
            () -> {
              List<Current<Integer>> level = new ArrayList<>();
              for (int i = 0; i < inputs; i++) {
                leaves.add(bench.input("a", Outcome.ok(i)));
                level.add(leaves.getLast().map(x -> x + 1));
              }
              while (level.size() > 1) {
                List<Current<Integer>> next = new ArrayList<>();
                for (int i = 0; i + 1 < level.size(); i += 2) {
                  next.add(level.get(i).zip(level.get(i + 1), Integer::sum));
                }
                if (level.size() % 2 == 1) {
                  next.add(level.getLast());
                }
                level = next;
              }
              return level.getFirst();
            });
    bench.evaluate();
    int[] turn = {0};
    List<Integer> plain = new ArrayList<>(IntStream.range(0, inputs).boxed().toList());
    report(
        row,
        median(
            20_000,
            () -> {
              int leaf = turn[0]++ * 7919 % inputs;
              bench.set(leaves.get(Math.abs(leaf)), Outcome.ok(turn[0]));
              return root.observe().value();
            }),
        median(
            300,
            () -> {
              plain.set(Math.abs(turn[0]++ * 7919 % inputs), turn[0]);
              long sum = 0;
              for (Integer value : plain) {
                sum += value + 1;
              }
              return sum;
            }));
  }

  private static void build() {
    report(
        "build",
        median(
            20,
            () -> {
              Bench bench = new Bench();
              Current<Integer> input = bench.input("a", Outcome.ok(0));
              Current<Integer> end =
                  bench.make(
                      () -> {
                        Current<Integer> stage = input;
                        for (int i = 0; i < 10 * N; i++) {
                          stage = stage.map(x -> x + 1);
                        }
                        return stage;
                      });
              bench.evaluate();
              return end.observe().value();
            }),
        median(
            20,
            () -> {
              List<Optional<Integer>> all = new ArrayList<>();
              for (int i = 0; i < 10 * N; i++) {
                all.add(Optional.of(i));
              }
              return all.size();
            }));
  }

  private static void dot() {
    Bench bench = new Bench();
    List<String> labels = IntStream.range(0, N).mapToObj(i -> "input " + i).toList();
    Current<List<Integer>> root =
        bench.make(
            () ->
                Current.all(
                    labels.stream()
                        .map(label -> bench.input(label, Outcome.ok(1)).map(x -> x + 1))
                        .toList()));
    bench.evaluate();
    report(
        "dot",
        median(
            40,
            () ->
                Dot.render(
                        bench.diagram(root, Set.of(), Set.of()),
                        _ -> Optional.empty(),
                        _ -> Optional.empty())
                    .length()),
        median(40, () -> String.join("\n", labels).length()));
  }

  private static void operations(Path work) throws Exception {
    List<Long> fresh = new ArrayList<>();
    List<Long> again = new ArrayList<>();
    List<Long> files = new ArrayList<>();
    List<Long> names = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path state = Files.createTempDirectory(work, "operations-");
      long first = settle(state);
      long second = settle(state);
      long bare = makeFiles(state.resolve("bare"));
      long read = readNames(state.resolve("bare"));
      // The first warms up.
      if (i > 0) {
        fresh.add(first);
        again.add(second);
        files.add(bare);
        names.add(read);
      }
      dev.millrace.base.TemporaryDirectory.deleteTree(state);
    }
    report("fresh", middle(fresh), middle(files));
    report("restart", middle(again), middle(names));
  }

  private static long middle(List<Long> all) {
    return all.stream().sorted().toList().get(all.size() / 2);
  }

  private static long settle(Path state) throws InterruptedException {
    Doing operation =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              return "x";
            });
    long start = System.nanoTime();
    try (Engine engine =
        Engine.start(
            EngineConfig.in(state),
            made ->
                Current.all(
                    IntStream.range(0, N)
                        .mapToObj(i -> made.run("op", operation, Current.of("k" + i)))
                        .toList()))) {
      EngineControl.Overview overview = engine.control().overview();
      while (!overview.settled()) {
        overview = engine.control().awaitChange(overview.round(), Duration.ofSeconds(1));
      }
      if (overview.result() != StageState.PASSED) {
        throw new IllegalStateException("It came to " + overview);
      }
      return System.nanoTime() - start;
    }
  }

  private static long makeFiles(Path directory) throws IOException {
    Files.createDirectory(directory);
    long start = System.nanoTime();
    for (int i = 0; i < N; i++) {
      Files.write(directory.resolve("file-" + i), new byte[100]);
    }
    return System.nanoTime() - start;
  }

  private static long readNames(Path directory) throws IOException {
    long start = System.nanoTime();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path path : all) {
        sink += path.getFileName().toString().length();
      }
    }
    return System.nanoTime() - start;
  }
}
