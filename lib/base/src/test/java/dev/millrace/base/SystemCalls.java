package dev.millrace.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Has a program die at, or fail in, the n-th of its calls of one kind to the kernel. Done by
 * strace, which counts for each thread by itself: the first thread to come so far is hit.
 */
public final class SystemCalls {
  private static final Pattern CALL = Pattern.compile("(\\d+) +([a-z0-9_]+)\\(.*");

  private SystemCalls() {}

  /**
   * A place in a program's life.
   *
   * @param call the name of the system call
   * @param nth which of a thread's calls of that name, from 1
   */
  public record Point(String call, int nth) {
    /** What stands before the command of a program that is to be killed there. */
    public List<String> kill() {
      return strace(
          "/dev/null", Set.of(call), "inject=%s:signal=KILL:when=%d".formatted(call, nth));
    }

    /**
     * What stands before the command of a program whose call is to fail there, once.
     *
     * @param trace where the calls are listed, for {@link #failed}
     */
    public List<String> fail(String error, Path trace) {
      return strace(
          trace.toString(), Set.of(call), "inject=%s:error=%s:when=%d".formatted(call, error, nth));
    }

    @Override
    public String toString() {
      return call + " " + nth;
    }
  }

  private static List<String> strace(String output, Set<String> calls, String... expressions) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-qq", "-o", output));
    command.addAll(List.of("-e", "trace=" + String.join(",", calls), "-e", "signal=none"));
    for (String expression : expressions) {
      command.addAll(List.of("-e", expression));
    }
    return command;
  }

  /** Whether a program can be made to die or fail here. */
  public static boolean canInject() throws InterruptedException {
    try {
      List<String> command =
          new ArrayList<>(new Point("fsync", 1).fail("EIO", Path.of("/dev/null")));
      command.add("true");
      return Command.of(command).run((_, _) -> {}) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** What stands before the command of a program whose calls are to be listed in a file. */
  public static List<String> list(Path trace, Set<String> calls) {
    return strace(trace.toString(), calls);
  }

  /** Every point of a program whose calls were listed, by name and number. */
  public static List<Point> points(Path trace) throws IOException {
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    for (String line : Files.readAllLines(trace)) {
      Matcher call = CALL.matcher(line);
      if (call.matches()) {
        counts
            .computeIfAbsent(call.group(2), _ -> new LinkedHashMap<>())
            .merge(call.group(1), 1, Integer::sum);
      }
    }
    List<Point> points = new ArrayList<>();
    counts.forEach(
        (call, threads) -> {
          int most = threads.values().stream().mapToInt(count -> count).max().orElse(0);
          for (int nth = 1; nth <= most; nth++) {
            points.add(new Point(call, nth));
          }
        });
    return points;
  }

  /** The calls that were made to fail, with the paths of what they were to write; mostly one. */
  public static List<String> failed(Path trace) throws IOException {
    try (Stream<String> lines = Files.lines(trace, StandardCharsets.ISO_8859_1)) {
      return lines.filter(line -> line.endsWith("(INJECTED)")).toList();
    }
  }

  /**
   * Some of the points: of each call as many, or all if there are fewer, the first and the last
   * among them.
   */
  public static List<Point> choose(List<Point> points, int ofEach) {
    Map<String, List<Point>> byCall = new LinkedHashMap<>();
    points.forEach(point -> byCall.computeIfAbsent(point.call, _ -> new ArrayList<>()).add(point));
    List<Point> chosen = new ArrayList<>();
    byCall.values().forEach(all -> chosen.addAll(choose(all, ofEach, all.size() - 1)));
    return chosen;
  }

  private static List<Point> choose(List<Point> all, int count, int last) {
    if (all.size() <= count) {
      return all;
    }
    List<Point> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add(all.get((int) ((long) i * last / (count - 1))));
    }
    return chosen;
  }
}
