package dev.millrace.engine.web;

import static java.util.Objects.requireNonNull;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.web.Geometry.Path;
import dev.millrace.engine.web.Geometry.Point;
import dev.millrace.engine.web.Geometry.Rect;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.elk.alg.layered.options.InternalProperties;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkConnectableShape;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Places the parts of a diagram in columns from left to right, edges in right angles (ELK's layered
 * algorithm, after Sugiyama). The same shape always gets the same layout.
 */
final class DiagramLayout {
  static final double BOX_HEIGHT = 32;
  static final double GATE_HEIGHT = 44;
  private static final double BOX_MIN = 96;
  private static final double BOX_MAX = 336;

  /** Icon, gaps and room for the time. */
  private static final double BOX_EXTRA = 8 + 16 + 6 + 8;

  private static final double TIME = 44;
  private static final double FRAME_HEAD = 28;
  private static final double GAP = 12;

  /** From how many nodes on the layout is made with less care, so that it is there at once. */
  private static final int LARGE = 100;

  private DiagramLayout() {}

  /** Lays out a diagram; its cost grows a little faster than its size. */
  static Geometry of(DiagramShape shape) {
    if (shape.nodes().isEmpty()) {
      return new Geometry(0, 0, Map.of(), Map.of(), List.of());
    }
    Geometry equal = place(shape, Map.of());
    Columns columns = new Columns(shape, equal, BOX_MAX);
    return shape.open().isEmpty()
        ? columns.fit(shape, equal)
        : place(shape, columns.boxWidths(shape, equal));
  }

  /** What {@link #of} gives, made in the long way: the layout is made again with other widths. */
  static Geometry twice(DiagramShape shape) {
    Geometry equal = place(shape, Map.of());
    return place(shape, new Columns(shape, equal, BOX_MAX).boxWidths(shape, equal));
  }

  private static Geometry place(DiagramShape shape, Map<Integer, Double> widths) {
    ElkNode root = ElkGraphUtil.createGraph();
    configure(root, shape);
    Map<String, ElkNode> frames = addFrames(root, shape);
    Map<Integer, ElkNode> nodes = addNodes(root, shape, frames, widths);
    List<ElkEdge> edges = addEdges(shape, nodes);
    new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
    return measure(root, shape, frames, nodes, edges);
  }

  private static void configure(ElkNode root, DiagramShape shape) {
    root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
    root.setProperty(
        CoreOptions.HIERARCHY_HANDLING,
        shape.open().isEmpty()
            ? HierarchyHandling.SEPARATE_CHILDREN
            : HierarchyHandling.INCLUDE_CHILDREN);
    space(root);
    root.setProperty(LayeredOptions.RANDOM_SEED, 1);
    root.setProperty(LayeredOptions.THOROUGHNESS, isLarge(shape) ? 2 : 7);
    order(root, shape);
    root.setProperty(CoreOptions.PADDING, new ElkPadding(16));
    root.setProperty(CoreOptions.SEPARATE_CONNECTED_COMPONENTS, false);
  }

  private static boolean isLarge(DiagramShape shape) {
    return shape.nodes().size() > LARGE;
  }

  /** Nodes keep the order in which they were made, unless the sort, cubic in them, takes long. */
  private static void order(ElkNode graph, DiagramShape shape) {
    graph.setProperty(
        LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY,
        isLarge(shape) ? OrderingStrategy.NONE : OrderingStrategy.PREFER_NODES);
  }

  private static void space(ElkNode graph) {
    graph.setProperty(CoreOptions.DIRECTION, Direction.RIGHT);
    graph.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    graph.setProperty(LayeredOptions.SPACING_NODE_NODE, GAP);
    graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 32.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, 10.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 12.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE, 8.0);
    graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
    graph.setProperty(LayeredOptions.MERGE_EDGES, true);
    graph.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.BRANDES_KOEPF);
  }

  private static Map<String, ElkNode> addFrames(ElkNode root, DiagramShape shape) {
    Map<String, ElkNode> frames = new LinkedHashMap<>();
    for (DiagramShape.Group group : shape.open()) {
      frames.put(group.key(), ElkGraphUtil.createNode(null));
    }
    for (DiagramShape.Group group : shape.open()) {
      ElkNode frame = requireNonNull(frames.get(group.key()));
      ElkNode parent = group.parent().map(key -> frames.getOrDefault(key, root)).orElse(root);
      parent.getChildren().add(frame);
      space(frame);
      order(frame, shape);
      frame.setProperty(CoreOptions.PADDING, new ElkPadding(FRAME_HEAD, GAP, GAP, GAP));
      frame.setProperty(CoreOptions.NODE_SIZE_CONSTRAINTS, EnumSet.of(SizeConstraint.MINIMUM_SIZE));
      frame.setProperty(
          CoreOptions.NODE_SIZE_MINIMUM,
          new org.eclipse.elk.core.math.KVector(
              LabelText.width(LabelText.shorten(group.label()), 12) + 56, 60));
      // ELK 0.12.1 counts the nodes of the outermost graph only, and then misses the number here.
      frame.setProperty(
          InternalProperties.MAX_MODEL_ORDER_NODES, shape.nodes().size() + shape.open().size());
    }
    return frames;
  }

  private static Map<Integer, ElkNode> addNodes(
      ElkNode root, DiagramShape shape, Map<String, ElkNode> frames, Map<Integer, Double> widths) {
    Map<Integer, ElkNode> nodes = new HashMap<>();
    for (DiagramShape.Node node : shape.nodes()) {
      ElkNode parent = node.group().map(key -> frames.getOrDefault(key, root)).orElse(root);
      ElkNode box = ElkGraphUtil.createNode(parent);
      if (node.kind() == Diagram.Kind.GATE) {
        box.setDimensions(
            Math.clamp(LabelText.width(gateLabel(node.label()), 11) + 4, 24, 110), GATE_HEIGHT);
      } else {
        box.setDimensions(widths.getOrDefault(node.id(), BOX_MAX), BOX_HEIGHT);
      }
      nodes.put(node.id(), box);
    }
    return nodes;
  }

  static String gateLabel(String label) {
    return LabelText.shorten(label, 16);
  }

  /**
   * The width that a label asks for; room for the time is always there, so that a state never moves
   * anything.
   */
  static double boxWidth(String label) {
    double wanted = LabelText.width(LabelText.shorten(label), 13) + BOX_EXTRA + TIME;
    return Math.ceil(Math.clamp(wanted, BOX_MIN, BOX_MAX));
  }

  private static List<ElkEdge> addEdges(DiagramShape shape, Map<Integer, ElkNode> nodes) {
    List<ElkEdge> edges = new ArrayList<>();
    for (Diagram.Edge edge : shape.edges()) {
      ElkNode from = nodes.get(edge.from());
      ElkNode to = nodes.get(edge.to());
      if (from == null || to == null) {
        throw new IllegalStateException(
            "The diagram has an edge %d → %d, but not both of these nodes"
                .formatted(edge.from(), edge.to()));
      }
      ElkConnectableShape source = from;
      ElkConnectableShape target = to;
      edges.add(ElkGraphUtil.createSimpleEdge(source, target));
    }
    return edges;
  }

  private static Geometry measure(
      ElkNode root,
      DiagramShape shape,
      Map<String, ElkNode> frames,
      Map<Integer, ElkNode> nodes,
      List<ElkEdge> edges) {
    Map<Integer, Rect> rects = new LinkedHashMap<>();
    for (DiagramShape.Node node : shape.nodes()) {
      ElkNode box = nodes.get(node.id());
      if (box != null) {
        rects.put(node.id(), rect(box, root));
      }
    }
    Map<String, Rect> outlines = new LinkedHashMap<>();
    frames.forEach((key, frame) -> outlines.put(key, rect(frame, root)));
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < edges.size(); i++) {
      paths.addAll(paths(edges.get(i), shape.edges().get(i).control(), root));
    }
    return new Geometry(root.getWidth(), root.getHeight(), rects, outlines, paths);
  }

  private static Rect rect(ElkNode node, ElkNode root) {
    Point origin = origin(node.getParent(), root);
    return new Rect(
        origin.x() + node.getX(), origin.y() + node.getY(), node.getWidth(), node.getHeight());
  }

  /** ELK counts from the corner of the graph that something is in. */
  private static Point origin(ElkNode graph, ElkNode root) {
    double x = 0;
    double y = 0;
    for (ElkNode at = graph; !at.equals(root); at = at.getParent()) {
      x += at.getX();
      y += at.getY();
    }
    return new Point(x, y);
  }

  private static List<Path> paths(ElkEdge edge, boolean control, ElkNode root) {
    Point origin = origin(edge.getContainingNode(), root);
    List<Path> paths = new ArrayList<>();
    for (ElkEdgeSection section : edge.getSections()) {
      List<Point> points = new ArrayList<>();
      points.add(new Point(origin.x() + section.getStartX(), origin.y() + section.getStartY()));
      section
          .getBendPoints()
          .forEach(
              bend -> points.add(new Point(origin.x() + bend.getX(), origin.y() + bend.getY())));
      points.add(new Point(origin.x() + section.getEndX(), origin.y() + section.getEndY()));
      paths.add(new Path(control, points));
    }
    return paths;
  }
}
