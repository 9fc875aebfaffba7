package dev.millrace.engine.web;

import java.util.List;
import java.util.Map;

/**
 * Where the parts of a diagram are, in pixels at full size. Immutable.
 *
 * @param nodes the place of each node, by id
 * @param groups the frame of each unfolded group, by key
 * @param edges in the order of the diagram
 */
record Geometry(
    double width,
    double height,
    Map<Integer, Rect> nodes,
    Map<String, Rect> groups,
    List<Path> edges) {
  /** Of a diagram that is not drawn. */
  static final Geometry NONE = new Geometry(0, 0, Map.of(), Map.of(), List.of());

  /** A rectangle. */
  record Rect(double x, double y, double width, double height) {
    double middleX() {
      return x + width / 2;
    }

    double middleY() {
      return y + height / 2;
    }

    boolean overlaps(Rect other) {
      return x < other.x + other.width
          && other.x < x + width
          && y < other.y + other.height
          && other.y < y + height;
    }
  }

  /** A point. */
  record Point(double x, double y) {}

  /** A line with bends. */
  record Path(boolean control, List<Point> points) {
    private static final double RADIUS = 6;

    Path {
      points = List.copyOf(points);
    }

    /** The path in SVG's words, with round corners. */
    String svg() {
      StringBuilder path = new StringBuilder();
      for (int i = 0; i < points.size(); i++) {
        Point point = points.get(i);
        if (i == 0) {
          path.append('M').append(text(point));
        } else if (i == points.size() - 1) {
          path.append('L').append(text(point));
        } else {
          Point before = towards(point, points.get(i - 1));
          Point after = towards(point, points.get(i + 1));
          path.append('L').append(text(before));
          path.append('Q').append(text(point)).append(' ').append(text(after));
        }
      }
      return path.toString();
    }

    private static Point towards(Point from, Point to) {
      double length = Math.hypot(to.x - from.x, to.y - from.y);
      double step = Math.min(RADIUS, length / 2);
      return length == 0
          ? from
          : new Point(
              from.x + (to.x - from.x) * step / length, from.y + (to.y - from.y) * step / length);
    }

    private static String text(Point point) {
      return round(point.x) + " " + round(point.y);
    }
  }

  /** A number with at most one digit behind the point. */
  static String round(double value) {
    double tenths = Math.round(value * 10) / 10.0;
    return tenths == Math.rint(tenths) ? Long.toString((long) tenths) : Double.toString(tenths);
  }
}
