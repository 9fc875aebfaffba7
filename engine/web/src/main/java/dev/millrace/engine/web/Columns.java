package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.web.Geometry.Path;
import dev.millrace.engine.web.Geometry.Point;
import dev.millrace.engine.web.Geometry.Rect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The columns of a layout in which all boxes are equally wide. Immutable.
 *
 * <p>What is where in a column does not depend on its width, and between columns everything keeps
 * its distances: so {@link #fit} gives what laying out again with other widths would, without doing
 * it. That holds where no group is open; the frames of groups have widths of their own.
 */
final class Columns {
  private final double boxWidth;

  /** The widths that the columns are to have, by where they begin. */
  private final TreeMap<Double, Double> widths = new TreeMap<>();

  /**
   * @param equal a layout of the shape with boxes as wide as {@code boxWidth}
   */
  Columns(DiagramShape shape, Geometry equal, double boxWidth) {
    this.boxWidth = boxWidth;
    for (DiagramShape.Node node : shape.nodes()) {
      if (node.kind() != Diagram.Kind.GATE) {
        widths.merge(place(equal, node.id()).x(), DiagramLayout.boxWidth(node.label()), Math::max);
      }
    }
    for (DiagramShape.Node node : shape.nodes()) {
      Rect rect = place(equal, node.id());
      Map.Entry<Double, Double> column = at(rect.x());
      if (column != null) {
        widths.put(column.getKey(), Math.max(column.getValue(), gateWidth(node, rect)));
      }
    }
  }

  private static double gateWidth(DiagramShape.Node node, Rect rect) {
    return node.kind() == Diagram.Kind.GATE ? rect.width() : 0;
  }

  private static Rect place(Geometry geometry, int node) {
    return Objects.requireNonNull(geometry.nodes().get(node));
  }

  /** The column around a place: where it begins, and how wide it is to be. */
  private Map.@org.jspecify.annotations.Nullable Entry<Double, Double> at(double x) {
    Map.Entry<Double, Double> column = widths.floorEntry(x);
    return column != null && x < column.getKey() + boxWidth ? column : null;
  }

  /** The widths of the boxes, by the ids of their nodes. */
  Map<Integer, Double> boxWidths(DiagramShape shape, Geometry equal) {
    Map<Integer, Double> boxes = new LinkedHashMap<>();
    for (DiagramShape.Node node : shape.nodes()) {
      if (node.kind() != Diagram.Kind.GATE) {
        boxes.put(node.id(), Objects.requireNonNull(widths.get(place(equal, node.id()).x())));
      }
    }
    return boxes;
  }

  /** The same layout with columns of their own widths. */
  Geometry fit(DiagramShape shape, Geometry equal) {
    Map<Integer, Rect> nodes = new LinkedHashMap<>();
    equal.nodes().forEach((id, rect) -> nodes.put(id, fit(rect)));
    List<Path> edges = new ArrayList<>();
    for (int i = 0; i < equal.edges().size(); i++) {
      Diagram.Edge edge = shape.edges().get(i);
      edges.add(
          fit(
              equal.edges().get(i),
              Objects.requireNonNull(nodes.get(edge.from())),
              Objects.requireNonNull(nodes.get(edge.to()))));
    }
    return new Geometry(shifted(equal.width()), equal.height(), nodes, equal.groups(), edges);
  }

  private Rect fit(Rect rect) {
    Map.Entry<Double, Double> column = at(rect.x());
    if (column == null) {
      return new Rect(shifted(rect.x()), rect.y(), rect.width(), rect.height());
    }
    boolean box = rect.width() == boxWidth;
    double width = box ? column.getValue() : rect.width();
    // What is narrower than its column keeps its share of the room on either side.
    double share = box ? 0 : (rect.x() - column.getKey()) / (boxWidth - rect.width());
    double x = shifted(column.getKey()) + share * (column.getValue() - width);
    return new Rect(x, rect.y(), width, rect.height());
  }

  private Path fit(Path path, Rect from, Rect to) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < path.points().size(); i++) {
      Point point = path.points().get(i);
      double x =
          i == 0
              ? from.x() + from.width()
              : i == path.points().size() - 1 ? to.x() : shifted(point.x());
      points.add(new Point(x, point.y()));
    }
    return new Path(path.control(), points);
  }

  /** Where something between two columns comes to be. */
  private double shifted(double x) {
    double gone = 0;
    for (Map.Entry<Double, Double> column : widths.headMap(x, false).entrySet()) {
      gone += boxWidth - column.getValue();
    }
    return x - gone;
  }
}
