package dev.millrace.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.TaskScope;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.opam.OpamParseException;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import dev.millrace.solver.SolveResult;
import dev.millrace.solver.Solver;
import dev.millrace.solver.SolverException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers requests of a stream, one JSON object a line, in their order, several at once. A request
 * that cannot be read gets an answer with {@code error}; the others get theirs all the same.
 *
 * <p>Lines are taken in bunches, as many as are there: who sends one and waits is answered.
 */
final class RequestStream {
  private static final int BUNCH_MAX = 256;
  private static final int LINE_MAX = 16 << 20;
  private static final Set<String> OF_ANSWERS =
      Set.of("ok", "packages", "diagnostics", "error", "ms", "diag_ms");

  private final Solver solver;
  private final int jobs;
  private final Duration timeLimit;
  private final PrintWriter err;
  private int answered;
  private int solved;
  private int failed;

  RequestStream(Solver solver, int jobs, Duration timeLimit, PrintWriter err) {
    this.solver = solver;
    this.jobs = jobs;
    this.timeLimit = timeLimit;
    this.err = err;
  }

  /** Answers what a file has, {@code -} for the standard input. */
  ExitCode answer(String file, PrintWriter out) throws IOException, InterruptedException {
    long start = System.nanoTime();
    boolean bar = isTerminal();
    try (BufferedReader reader = open(file)) {
      long size = file.equals("-") ? 0 : Files.size(Path.of(file));
      long read = 0;
      for (List<String> bunch = bunch(reader); !bunch.isEmpty(); bunch = bunch(reader)) {
        for (Answer answer : answer(bunch)) {
          out.println(answer.line());
          count(answer);
        }
        out.flush();
        if (bar) {
          read += bunch.stream().mapToLong(String::length).sum();
          showBar(size == 0 ? -1 : (double) read / size);
        }
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (bar) {
      err.print("\r\u001b[K");
    }
    err.println(
        String.format(
            Locale.ROOT,
            "%d requests: %d solved, %d without a solution, %d not answered; %.2f s, %.0f requests/s",
            answered,
            solved,
            answered - solved - failed,
            failed,
            seconds,
            answered / Math.max(seconds, 1e-9)));
    return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private void showBar(double share) {
    int width = 30;
    int done = (int) (width * Math.clamp(share, 0, 1));
    err.print(
        share < 0
            ? "\r%d requests\u001b[K".formatted(answered)
            : "\r[%s%s] %d requests\u001b[K"
                .formatted("=".repeat(done), " ".repeat(width - done), answered));
    err.flush();
  }

  /** Whether what is written to the error output is seen at once. */
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static BufferedReader open(String file) throws IOException {
    return file.equals("-")
        ? new BufferedReader(new InputStreamReader(System.in, UTF_8))
        : Files.newBufferedReader(Path.of(file), UTF_8);
  }

  private static List<String> bunch(BufferedReader reader) throws IOException {
    List<String> bunch = new ArrayList<>();
    while (bunch.isEmpty() || (bunch.size() < BUNCH_MAX && reader.ready())) {
      String line = reader.readLine();
      if (line == null) {
        break;
      }
      if (!line.isBlank()) {
        bunch.add(line);
      }
    }
    return bunch;
  }

  private record Answer(String line, boolean failed, boolean solved) {}

  private void count(Answer answer) {
    answered++;
    solved += answer.solved() ? 1 : 0;
    failed += answer.failed() ? 1 : 0;
  }

  private List<Answer> answer(List<String> lines) throws InterruptedException {
    try (TaskScope scope = TaskScope.open("requests", jobs)) {
      List<TaskScope.Task<Answer>> tasks = new ArrayList<>();
      for (String line : lines) {
        tasks.add(scope.fork(() -> answer(line)));
      }
      scope.join();
      return tasks.stream().map(TaskScope.Task::result).toList();
    }
  }

  private Answer answer(String line) throws InterruptedException {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    try {
      if (line.length() > LINE_MAX) {
        throw new IllegalArgumentException("the line must be at most 16 MiB long");
      }
      JsonNode request = JsonMapper.shared().readTree(line);
      if (!request.isObject()) {
        throw new IllegalArgumentException("a request must be a JSON object");
      }
      request
          .properties()
          .forEach(
              field -> {
                if (!OF_ANSWERS.contains(field.getKey())) {
                  answer.set(field.getKey(), field.getValue());
                }
              });
      Optional<SolveResult> result = solver.solve(request(request), timeLimit);
      if (result.isPresent()) {
        SolveAnswers.add(result.get(), answer);
        return new Answer(
            JsonMapper.shared().writeValueAsString(answer),
            false,
            result.get() instanceof SolveResult.Solution);
      }
      answer.put("error", "no answer within %d seconds".formatted(timeLimit.toSeconds()));
    } catch (JacksonException e) {
      answer.put("error", "the line is not JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException
        | OpamParseException
        | SolverException
        | UncheckedIOException e) {
      answer.put("error", String.valueOf(e.getMessage()));
    }
    return new Answer(JsonMapper.shared().writeValueAsString(answer), true, false);
  }

  /** A request in the form of the golden files. */
  private SolveRequest request(JsonNode node) {
    Map<PackageName, VersionConstraint> constraints = new LinkedHashMap<>();
    for (JsonNode constraint : node.path("constraints")) {
      constraints.put(
          PackageName.parse(text(constraint, 0)),
          new VersionConstraint(relop(text(constraint, 1)), version(text(constraint, 2))));
    }
    Map<String, String> variables = new LinkedHashMap<>();
    node.path("env")
        .properties()
        .forEach(field -> variables.put(field.getKey(), field.getValue().asString()));
    List<PackageName> roots = names(node.path("roots"));
    if (roots.isEmpty()) {
      throw new IllegalArgumentException("roots must name at least one package");
    }
    return new SolveRequest(
        List.copyOf(new LinkedHashSet<>(roots)),
        constraints,
        variables,
        Set.copyOf(names(node.path("with_test"))),
        pins(node.path("pins")),
        node.path("prefer_oldest").asBoolean(false) ? Preference.OLDEST : Preference.NEWEST,
        node.has("pins") ? Rules.SERVICE : Rules.LIBRARY);
  }

  private Map<PackageName, SolveRequest.Pin> pins(JsonNode list) {
    Map<PackageName, SolveRequest.Pin> pins = new LinkedHashMap<>();
    for (JsonNode pin : list) {
      Package source = Package.parse(text(pin, 2));
      pins.put(
          PackageName.parse(text(pin, 0)),
          new SolveRequest.Pin(
              version(text(pin, 1)),
              solver
                  .repository()
                  .find(source)
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException("pins: the repository has no " + source))));
    }
    return pins;
  }

  private static PackageVersion version(String text) {
    return PackageVersion.parse(text);
  }

  private static String text(JsonNode list, int index) {
    JsonNode value = list.path(index);
    if (!value.isString()) {
      throw new IllegalArgumentException("expected a list with a string at %d".formatted(index));
    }
    return value.asString();
  }

  private static Relop relop(String text) {
    return Arrays.stream(Relop.values())
        .filter(relop -> relop.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "constraints: expected one of = != >= > <= < but found \"%s\""
                        .formatted(text)));
  }

  private static List<PackageName> names(JsonNode list) {
    List<PackageName> names = new ArrayList<>();
    list.forEach(name -> names.add(PackageName.parse(name.asString())));
    return names;
  }
}
