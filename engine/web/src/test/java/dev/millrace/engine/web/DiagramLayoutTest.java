package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.Geometry.Rect;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagramLayoutTest {
  private static Geometry layout(Diagram diagram) {
    return DiagramLayout.of(DiagramShape.of(diagram));
  }

  private static Rect node(Geometry geometry, int id) {
    Rect place = geometry.nodes().get(id);
    assertThat(place).as("place of node %d", id).isNotNull();
    return java.util.Objects.requireNonNull(place);
  }

  @Test
  void anEmptyPipelineNeedsNoRoom() {
    Geometry geometry = layout(new Diagram(List.of(), List.of(), List.of()));

    assertThat(geometry.width()).isZero();
    assertThat(geometry.nodes()).isEmpty();
  }

  @Test
  void whatFlowsGoesFromLeftToRight() {
    Diagram diagram = TestObjects.pipeline();
    Geometry geometry = layout(diagram);

    for (Diagram.Edge edge : diagram.edges()) {
      Rect from = node(geometry, edge.from());
      assertThat(from.x() + from.width())
          .as("right side of %d, which %d reads", edge.from(), edge.to())
          .isLessThan(node(geometry, edge.to()).x());
    }
  }

  /**
   * As wide as a CI service's: many jobs in one column, all of which read what is shared. ELK's
   * sort of nodes once took eleven seconds for it.
   */
  @Test
  void aThousandNodesInFiveColumnsTakeLittle() {
    List<DiagramShape.Node> nodes = new ArrayList<>();
    List<Diagram.Edge> edges = new ArrayList<>();
    for (int id = 0; id < 1_000; id++) {
      nodes.add(new DiagramShape.Node(id, Diagram.Kind.STAGE, "stage " + id, Optional.empty()));
    }
    for (int head = 20; head < 1_000; head += 20) {
      for (int job = head + 1; job < head + 19; job++) {
        edges.add(new Diagram.Edge(head, job, false));
        edges.add(new Diagram.Edge(job % 20, job, false));
        edges.add(new Diagram.Edge(job, head + 19, false));
      }
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();

    Geometry geometry = DiagramLayout.of(new DiagramShape(nodes, edges, List.of()));

    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - begin))
        .as("time of the processor")
        .isLessThan(Duration.ofSeconds(5));
    assertThat(geometry.nodes()).hasSize(1_000);
  }

  /** Groups once brought ELK down, and the page with it. */
  @Test
  void openGroupsAreFramesAroundTheirMembers() {
    Geometry geometry = layout(TestObjects.pipeline());

    Rect builds = java.util.Objects.requireNonNull(geometry.groups().get("b"));
    Rect lint = java.util.Objects.requireNonNull(geometry.groups().get("l"));
    assertThat(builds.overlaps(lint)).isFalse();
    for (int member : new int[] {3, 4, 5}) {
      assertThat(contains(builds, node(geometry, member))).as("node %d in Builds", member).isTrue();
    }
    assertThat(builds.overlaps(node(geometry, 2))).isFalse();
  }

  static boolean contains(Rect outer, Rect inner) {
    return outer.x() <= inner.x()
        && outer.y() <= inner.y()
        && inner.x() + inner.width() <= outer.x() + outer.width()
        && inner.y() + inner.height() <= outer.y() + outer.height();
  }

  @Test
  void siblingsKeepTheOrderOfThePipeline() {
    List<Diagram.Node> nodes = new ArrayList<>();
    List<Diagram.Edge> edges = new ArrayList<>();
    nodes.add(TestObjects.node(0, "head", StageState.PASSED, Optional.empty(), Optional.empty()));
    for (int i = 1; i <= 9; i++) {
      nodes.add(
          TestObjects.node(i, "b" + i, StageState.PASSED, Optional.empty(), Optional.empty()));
      edges.add(new Diagram.Edge(0, i, false));
    }
    Geometry geometry = layout(new Diagram(nodes, edges, List.of()));

    List<Double> tops = new ArrayList<>();
    for (int i = 1; i <= 9; i++) {
      tops.add(node(geometry, i).y());
    }
    assertThat(tops).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aStateMovesNothing() {
    Diagram before = TestObjects.pipeline();
    List<Diagram.Node> changed =
        before.nodes().stream()
            .map(
                n ->
                    new Diagram.Node(
                        n.id(),
                        n.kind(),
                        n.label(),
                        StageState.PASSED,
                        Optional.of(StageState.RUNNING),
                        n.job(),
                        Optional.of("other"),
                        n.group(),
                        Optional.empty(),
                        false))
            .toList();

    assertThat(DiagramShape.of(new Diagram(changed, before.edges(), before.groups())))
        .isEqualTo(DiagramShape.of(before));
    assertThat(layout(before)).isEqualTo(layout(before));
  }

  @Test
  void boxesOfAColumnAreEquallyWide() {
    Geometry geometry = layout(TestObjects.pipeline());

    double builds = node(geometry, 3).width();
    for (int sibling : new int[] {4, 5, 6, 7, 8}) {
      assertThat(node(geometry, sibling).x()).isEqualTo(node(geometry, 3).x());
      assertThat(node(geometry, sibling).width()).isEqualTo(builds);
    }
    assertThat(node(geometry, 2).width()).as("a column of one short label").isLessThan(builds);
    assertThat(node(geometry, 1).height()).isEqualTo(DiagramLayout.BOX_HEIGHT);
  }

  /** The names of platforms are what one reads a diagram for. */
  @Test
  void labelsOfThirtyFourCharactersAreShownWhole() {
    String label = "base of opensuse-15.6-5.2_opam-2.3";
    ScriptedEngine engine = new ScriptedEngine();
    engine.setDiagram(
        new Diagram(
            List.of(
                TestObjects.node(1, label, StageState.PASSED, Optional.empty(), Optional.empty())),
            List.of(),
            List.of()));

    PipelineView view =
        PipelineView.of(engine, new Parameters(Map.of()), new Layouts(), TestObjects.NOW);

    assertThat(view.nodes().getFirst().shortLabel()).isEqualTo(label);
  }

  /** Generous, for slow machines: what must not happen is a page that never comes. */
  @Test
  void aThousandNodesAreLaidOutInBoundedTime() {
    Diagram big = TestObjects.big(1_000);
    long start = System.nanoTime();

    Geometry geometry = layout(big);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    assertThat(geometry.nodes()).hasSize(big.nodes().size());
    assertThat(geometry.edges()).hasSizeGreaterThanOrEqualTo(big.edges().size());
  }

  @Test
  void aDiagramWithGroupsOpensOnlyAsManyAsCanBeRead() {
    ScriptedEngine engine = new ScriptedEngine();
    Diagram big = TestObjects.bigGrouped(1_000);
    engine.setDiagram(big);

    PipelineView view =
        PipelineView.of(engine, new Parameters(Map.of()), new Layouts(), TestObjects.NOW);

    assertThat(view.diagram().nodes()).hasSizeLessThanOrEqualTo(2 * PipelineView.FOLD_FROM);
    assertThat(view.problemCount())
        .as("failures are named even where their group is folded")
        .isEqualTo((int) big.nodes().stream().filter(n -> n.state() == StageState.FAILED).count())
        .isPositive();
    String svg = new Views().render("diagram.jte", Map.of("view", view));
    assertThat(svg.length()).isLessThan(400_000);
  }
}
