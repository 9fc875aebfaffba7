package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.Geometry.Rect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.util.DoubleComparator;
import org.junit.jupiter.api.Test;

class DiagramLayoutProperties {
  /** Any graph without cycles, with groups in groups, some of them folded, is drawn. */
  @Test
  void everyPipelineIsDrawnWithoutOverlaps() {
    RandomTest.check(
        60,
        30,
        (random, size) -> {
          Diagram diagram = random(random, size);

          Geometry geometry = DiagramLayout.of(DiagramShape.of(diagram));

          List<Rect> places = List.copyOf(geometry.nodes().values());
          assertThat(places).hasSize(diagram.nodes().size());
          for (int i = 0; i < places.size(); i++) {
            for (int j = 0; j < i; j++) {
              assertThat(places.get(i).overlaps(places.get(j)))
                  .as("%s and %s overlap", places.get(i), places.get(j))
                  .isFalse();
            }
          }
          for (DiagramShape.Node node : DiagramShape.of(diagram).nodes()) {
            node.group()
                .ifPresent(
                    key ->
                        assertThat(
                                DiagramLayoutTest.contains(
                                    java.util.Objects.requireNonNull(geometry.groups().get(key)),
                                    java.util.Objects.requireNonNull(
                                        geometry.nodes().get(node.id()))))
                            .as("node %d inside its group %s", node.id(), key)
                            .isTrue());
          }
        });
  }

  /**
   * Method: {@link Columns} moves columns together; laying out again must give the same, but for
   * rounding: the algorithm counts in floats.
   */
  @Test
  void columnsOfTheirOwnWidthsAreAsIfLaidOutWithThem() {
    RandomTest.check(
        60,
        30,
        (random, size) -> {
          Diagram diagram = random(random, size);
          DiagramShape flat =
              DiagramShape.of(new Diagram(ungrouped(diagram), diagram.edges(), List.of()));

          Geometry fitted = DiagramLayout.of(flat);
          Geometry again = DiagramLayout.twice(flat);

          assertThat(fitted)
              .usingRecursiveComparison()
              .withComparatorForType(new DoubleComparator(0.01), Double.class)
              .isEqualTo(again);
        });
  }

  private static List<Diagram.Node> ungrouped(Diagram diagram) {
    return diagram.nodes().stream()
        .map(
            node ->
                new Diagram.Node(
                    node.id(),
                    node.kind(),
                    node.label(),
                    node.state(),
                    node.rebuilding(),
                    node.job(),
                    node.message(),
                    Optional.empty(),
                    node.since(),
                    node.advisory()))
        .toList();
  }

  private static Diagram random(Random random, int size) {
    List<Diagram.Group> groups = new ArrayList<>();
    for (int i = 0; i < random.nextInt(1 + size / 4); i++) {
      Optional<String> parent =
          i > 0 && random.nextBoolean() ? Optional.of("g" + random.nextInt(i)) : Optional.empty();
      groups.add(
          new Diagram.Group("g" + i, "group " + i, parent, false, new StageCounts(Map.of())));
    }
    List<Diagram.Node> nodes = new ArrayList<>();
    List<Diagram.Edge> edges = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Optional<String> group =
          groups.isEmpty() || random.nextInt(3) == 0
              ? Optional.empty()
              : Optional.of("g" + random.nextInt(groups.size()));
      nodes.add(
          new Diagram.Node(
              i,
              random.nextInt(5) == 0 ? Diagram.Kind.GATE : Diagram.Kind.STAGE,
              "stage " + "x".repeat(random.nextInt(40)),
              StageState.PASSED,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              group,
              Optional.empty(),
              false));
      for (int before = 0; before < i; before++) {
        if (random.nextInt(1 + i / 2) == 0) {
          edges.add(new Diagram.Edge(before, i, random.nextInt(4) == 0));
        }
      }
    }
    return new Diagram(nodes, edges, groups);
  }
}
