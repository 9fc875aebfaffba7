package dev.millrace.solver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.opam.OpamCorpus;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Goal: the answers of the OCaml solver, package by package and, for failures, letter by letter, to
 * every request that it was asked.
 */
class GoldenTest {
  private static final Path SHARED =
      Path.of(System.getProperty("millrace.root", ".")).resolve("../shared").normalize();

  private static OpamRepository repository;
  private static Solver solver;

  @BeforeAll
  static void unpack() throws IOException, InterruptedException {
    repository = OpamRepositories.directory(OpamCorpus.directory());
    solver = Solver.open(repository);
  }

  @AfterAll
  static void close() {
    if (repository != null) {
      repository.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "every-package-ocaml-5.3.0",
        "pairs-with-test",
        "prefer-oldest",
        "multi-root",
        "other-platforms",
        "version-constraints",
        "service"
      })
  void answersAsTheOriginal(String file) throws Exception {
    List<JsonNode> requests = requests(file);
    Queue<String> differences = new ConcurrentLinkedQueue<>();
    Parallel.each(
        requests,
        Runtime.getRuntime().availableProcessors(),
        golden -> {
          SolveResult result = solver.solve(request(golden, file.equals("service")));
          String expected = expected(golden);
          String actual = actual(result);
          if (!actual.equals(expected)) {
            differences.add(
                "%s\n--- expected\n%s\n--- actual\n%s"
                    .formatted(golden.path("id").asString(), expected, actual));
          }
        });
    assertThat(requests).isNotEmpty();
    assertThat(differences).as("of %d requests", requests.size()).isEmpty();
  }

  private static List<JsonNode> requests(String file) throws IOException {
    List<JsonNode> requests = new ArrayList<>();
    Path path = SHARED.resolve("golden/opam-0install/" + file + ".jsonl.gz");
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(new GZIPInputStream(Files.newInputStream(path)), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        requests.add(JsonMapper.shared().readTree(line));
      }
    }
    return requests;
  }

  private static SolveRequest request(JsonNode golden, boolean service) {
    Map<PackageName, VersionConstraint> constraints = new LinkedHashMap<>();
    for (JsonNode constraint : golden.path("constraints")) {
      String operator = constraint.path(1).asString();
      constraints.put(
          PackageName.parse(constraint.path(0).asString()),
          new VersionConstraint(
              Arrays.stream(Relop.values())
                  .filter(relop -> relop.toString().equals(operator))
                  .findFirst()
                  .orElseThrow(),
              PackageVersion.parse(constraint.path(2).asString())));
    }
    Map<String, String> variables = new LinkedHashMap<>();
    golden
        .path("env")
        .properties()
        .forEach(e -> variables.put(e.getKey(), e.getValue().asString()));
    Map<PackageName, SolveRequest.Pin> pins = new LinkedHashMap<>();
    for (JsonNode pin : golden.path("pins")) {
      pins.put(
          PackageName.parse(pin.path(0).asString()),
          new SolveRequest.Pin(
              PackageVersion.parse(pin.path(1).asString()),
              repository.find(Package.parse(pin.path(2).asString())).orElseThrow()));
    }
    return new SolveRequest(
        names(golden.path("roots")),
        constraints,
        variables,
        Set.copyOf(new LinkedHashSet<>(names(golden.path("with_test")))),
        pins,
        golden.path("prefer_oldest").asBoolean() ? Preference.OLDEST : Preference.NEWEST,
        service ? Rules.SERVICE : Rules.LIBRARY);
  }

  private static List<PackageName> names(JsonNode list) {
    List<PackageName> names = new ArrayList<>();
    list.forEach(name -> names.add(PackageName.parse(name.asString())));
    return names;
  }

  private static String expected(JsonNode golden) {
    if (!golden.path("ok").asBoolean()) {
      return comparable(golden.path("diagnostics").asString());
    }
    List<String> packages = new ArrayList<>();
    golden.path("packages").forEach(name -> packages.add(name.asString()));
    return String.join("\n", packages);
  }

  private static String actual(SolveResult result) {
    return switch (result) {
      case SolveResult.Solution solution ->
          String.join("\n", solution.packages().stream().map(Package::toString).sorted().toList());
      case SolveResult.NoSolution failure -> comparable(failure.explanation());
    };
  }

  /** The one line that quotes the original's engine is left aside. */
  private static String comparable(String explanation) {
    return explanation.replaceAll(
        "Reason for rejection unknown: .*", "Reason for rejection unknown");
  }
}
