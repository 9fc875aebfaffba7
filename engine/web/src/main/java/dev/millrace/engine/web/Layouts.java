package dev.millrace.engine.web;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Layouts by shape: what has not changed is not computed again. Thread-safe; two threads that need
 * the same new layout at once may both compute it.
 */
final class Layouts {
  private static final int KEPT = 16;

  private final Map<DiagramShape, Geometry> known =
      new LinkedHashMap<>(KEPT * 2, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<DiagramShape, Geometry> eldest) {
          return size() > KEPT;
        }
      };

  Geometry of(DiagramShape shape) {
    synchronized (known) {
      Geometry geometry = known.get(shape);
      if (geometry != null) {
        return geometry;
      }
    }
    Geometry computed = DiagramLayout.of(shape);
    synchronized (known) {
      known.put(shape, computed);
    }
    return computed;
  }
}
