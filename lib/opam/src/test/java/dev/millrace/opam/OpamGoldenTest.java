package dev.millrace.opam;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Goal: opam's own libraries make the same of every published package: the order of versions, the
 * truth of {@code available}, and the formulas that are left after both passes of filtering.
 */
final class OpamGoldenTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Environment DEBIAN_12 =
      Environment.of(
          Map.of(
              "arch", VariableValue.of("x86_64"),
              "os", VariableValue.of("linux"),
              "os-distribution", VariableValue.of("debian"),
              "os-family", VariableValue.of("debian"),
              "os-version", VariableValue.of("12"),
              "opam-version", VariableValue.of("2.3"),
              "ocaml:native", VariableValue.of(true)));

  private final List<String> differences = new ArrayList<>();
  private int lines;

  @Test
  void ordersVersionsAsTheOriginal() throws Exception {
    try (OpamRepository repository = OpamRepositories.directory(OpamCorpus.directory())) {
      forEachLine(
          "versions",
          golden -> {
            String name = golden.path("name").asString();
            ArrayNode versions = JSON.arrayNode();
            repository
                .listVersions(PackageName.parse(name))
                .forEach(version -> versions.add(version.text()));
            compare(name, golden.path("versions"), versions);
          });

      assertThat(differences).isEmpty();
      assertThat(lines).isEqualTo(4_596);
      assertThat(repository.listNames()).hasSize(4_596);
    }
  }

  @Test
  void filtersFormulasAsTheOriginal() throws Exception {
    try (OpamRepository repository = OpamRepositories.directory(OpamCorpus.directory())) {
      forEachLine(
          "formulas",
          golden -> {
            Package target = Package.parse(golden.path("package").asString());
            check(target, repository.find(target).orElseThrow(), golden);
          });

      assertThat(differences).isEmpty();
      assertThat(lines).isEqualTo(18_793);
    }
  }

  private void check(Package target, OpamFile file, JsonNode golden) {
    Environment platform = DEBIAN_12.with("version", VariableValue.of(target.version().toString()));
    DependencyFlags flags =
        DependencyFlags.SOLVE.withDev(target.version().compareTo(PackageVersion.DEV) == 0);
    JsonNode depends = golden.path("depends");
    JsonNode withTest =
        golden.has("depends_with_test") ? golden.path("depends_with_test") : depends;

    boolean available =
        file.available().eval(platform) instanceof Filter.Outcome.Truth(var truth) && truth;
    compare(target + " available", golden.path("available"), JSON.booleanNode(available));
    compare(
        target + " depends",
        depends,
        json(FilteredFormula.filter(file.depends(), platform, flags)));
    compare(
        target + " depends with tests",
        withTest,
        json(FilteredFormula.filter(file.depends(), platform, flags.withTest(true))));
    compare(
        target + " conflicts",
        golden.has("conflicts") ? golden.path("conflicts") : JSON.nullNode(),
        json(FilteredFormula.filter(file.conflicts(), platform, flags)));
    compare(
        target + " conflict-class",
        golden.has("conflict_class") ? golden.path("conflict_class") : JSON.arrayNode(),
        texts(file.conflictClasses()));
    compare(
        target + " flags",
        golden.has("flags") ? golden.path("flags") : JSON.arrayNode(),
        texts(file.flags()));
  }

  private void compare(String what, JsonNode expected, JsonNode actual) {
    if (!actual.equals(expected)) {
      differences.add("%s: expected %s but got %s".formatted(what, expected, actual));
    }
  }

  private static JsonNode json(Formula<PackageConstraint> formula) {
    return json(
        formula,
        constraint ->
            JSON.arrayNode()
                .add("package")
                .add(constraint.name().text())
                .add(json(constraint.versions(), OpamGoldenTest::json)));
  }

  private static JsonNode json(VersionConstraint constraint) {
    return JSON.arrayNode().add(constraint.op().toString()).add(constraint.version().text());
  }

  private static <A> JsonNode json(Formula<A> formula, Function<A, JsonNode> atom) {
    return switch (formula) {
      case Formula.Empty<A> _ -> JSON.nullNode();
      case Formula.Atom<A>(var value) -> atom.apply(value);
      case Formula.Block<A>(var inner) -> json(inner, atom);
      case Formula.And<A>(var left, var right) ->
          JSON.arrayNode().add("and").add(json(left, atom)).add(json(right, atom));
      case Formula.Or<A>(var left, var right) ->
          JSON.arrayNode().add("or").add(json(left, atom)).add(json(right, atom));
    };
  }

  private static ArrayNode texts(Iterable<?> values) {
    ArrayNode texts = JSON.arrayNode();
    values.forEach(value -> texts.add(value.toString()));
    return texts;
  }

  private void forEachLine(String file, Consumer<JsonNode> action) throws IOException {
    Path path =
        Path.of(System.getProperty("millrace.root", "."))
            .toAbsolutePath()
            .resolveSibling("shared")
            .resolve("golden/opam-0install/" + file + ".jsonl.gz");
    assumeTrue(Files.exists(path), "not compared with opam's own answers: no " + path);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(new GZIPInputStream(Files.newInputStream(path)), UTF_8))) {
      for (String line : reader.lines().toList()) {
        action.accept(JsonMapper.shared().readTree(line));
        lines++;
      }
    }
  }
}
