package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.engine.core.Current.Opening;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Goal: what is drawn says what the pipeline does, with no edge too many. */
class DiagramTest {
  private final Bench bench = new Bench();
  private final Current<Integer> source = bench.input("source", Outcome.ok(1));

  private Current<Integer> stage(String label, Current<?>... inputs) {
    // Drawn like any stage that does something.
    return bench.make(() -> Current.allDone(List.of(inputs)).flatMap(label, _ -> Current.of(1)));
  }

  /** Edges as {@code from -> to}, dashed as {@code from .> to}. */
  private static List<String> edges(Diagram diagram) {
    Map<Integer, String> labels = new HashMap<>();
    diagram
        .nodes()
        .forEach(node -> labels.put(node.id(), node.label().isEmpty() ? "gate" : node.label()));
    List<String> all = new ArrayList<>();
    for (Diagram.Edge edge : diagram.edges()) {
      all.add(labels.get(edge.from()) + (edge.control() ? " .> " : " -> ") + labels.get(edge.to()));
    }
    return all;
  }

  private Diagram draw(Current<?> root) {
    bench.evaluate();
    return bench.diagram(root, Set.of(), Set.of());
  }

  @Test
  void impliedEdgesAreLeftOut() {
    Current<Integer> build = stage("build", source);
    Current<Integer> test = stage("test", source, build);
    Current<Done> all = bench.make(() -> Current.allDone(List.of(build, test)));

    assertThat(edges(draw(all))).containsExactly("source -> build", "build -> test");
  }

  @Test
  void aGateHasDashedEdgesFromItsControl() {
    Current<Integer> build = stage("build", source);
    Current<Integer> test = stage("test", build);
    Current<Integer> push = stage("push", bench.make(() -> build.gate(test)));

    assertThat(edges(draw(push)))
        .containsExactlyInAnyOrder(
            "source -> build", "build -> test", "build -> gate", "test .> gate", "gate -> push");
  }

  @Test
  void edgesPastAVisibleStateAreKept() {
    Current<Integer> build = stage("build", source);
    Current<Outcome<Integer>> state = bench.make(build::state);
    Current<Integer> report = stage("report", source, state);

    assertThat(edges(draw(report)))
        .containsExactlyInAnyOrder(
            "source -> build", "build -> state", "state -> report", "source -> report");
  }

  @Test
  void theContextIsDrawnBeforeWhatIsMadeInside() {
    Current<Integer> other = bench.input("other", Outcome.ok(1));
    Current<Integer> inside =
        bench.make(
            () ->
                Current.within(
                    source,
                    () ->
                        Current.within(
                            other, () -> Current.of("constant", 1).flatMap("work", Current::of))));

    assertThat(edges(draw(inside)))
        .containsExactlyInAnyOrder("source -> constant", "other -> constant", "constant -> work");
  }

  private Current<?> grouped() {
    return bench.make(
        () -> {
          Current<Integer> fetch = stage("fetch", source);
          Current<Integer> group =
              Current.group(
                  "debian 13",
                  Opening.FOLDED,
                  () -> {
                    Current<Integer> build = stage("build", fetch);
                    Current<Integer> lint =
                        Current.group("lint", Opening.OPEN, () -> stage("fmt", fetch));
                    return stage("test", build, lint);
                  });
          return stage("push", group);
        });
  }

  @Test
  void aFoldedGroupIsOneNodeThatStandsForAllInIt() {
    Current<?> root = grouped();
    Diagram folded = draw(root);

    assertThat(edges(folded))
        .containsExactly("source -> fetch", "fetch -> debian 13", "debian 13 -> push");
    assertThat(folded.groups())
        .extracting(Diagram.Group::key, Diagram.Group::folded)
        .containsExactly(tuple("debian-13", true));
    assertThat(folded.groups().getFirst().counts().of(StageState.PASSED)).isEqualTo(3);
    Diagram.Node node =
        folded.nodes().stream()
            .filter(each -> each.kind() == Diagram.Kind.FOLDED)
            .findFirst()
            .orElseThrow();
    assertThat(node.state()).isEqualTo(StageState.PASSED);
    assertThat(node.group()).contains("debian-13");
  }

  @Test
  void groupsOpenAndFoldOneByOneWithStableIds() {
    Current<?> root = grouped();
    Diagram folded = draw(root);

    Diagram open = bench.diagram(root, Set.of("debian-13"), Set.of());
    Diagram inner = bench.diagram(root, Set.of("debian-13"), Set.of("debian-13/lint"));

    assertThat(edges(open))
        .containsExactlyInAnyOrder(
            "source -> fetch",
            "fetch -> build",
            "fetch -> fmt",
            "build -> test",
            "fmt -> test",
            "test -> push");
    assertThat(open.groups())
        .extracting(Diagram.Group::key)
        .containsExactlyInAnyOrder("debian-13", "debian-13/lint");
    assertThat(edges(inner))
        .contains("fetch -> lint", "lint -> test")
        .doesNotContain("fetch -> fmt");
    assertThat(open.nodes()).contains(folded.nodes().getFirst());
  }

  @Test
  void theCountsAreThoseOfTheDrawnStages() {
    Current<List<Integer>> list = bench.input("list", Outcome.ok(List.of(1, 2, 3)));
    Current<?> root =
        bench.make(
            () ->
                Current.mapEachGroup(
                    list,
                    x -> x,
                    x -> "item " + x,
                    Opening.FOLDED,
                    item -> stage("test", stage("build", item)).map(x -> x)));
    bench.evaluate();

    Diagram all = bench.diagram(root, Set.of("item-1", "item-2", "item-3"), Set.of());

    assertThat(all.nodes()).hasSize(1 + 3 * 3);
    // The source is counted too, though nothing here leads to it.
    assertThat(bench.counts().of(StageState.PASSED)).isEqualTo(1 + 1 + 3 * 3);
  }
}
