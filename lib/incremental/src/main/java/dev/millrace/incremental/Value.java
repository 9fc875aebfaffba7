package dev.millrace.incremental;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value of a {@link Graph} that may change from round to round. Belongs to the graph's thread.
 *
 * @param <T> what it holds
 */
public abstract sealed class Value<T> permits Input, Computed {
  private static final Edge[] NONE = {};

  private @Nullable T current;
  private Edge[] dependants = NONE;
  private int dependantCount;

  Value(@Nullable T initial) {
    this.current = initial;
  }

  /**
   * What it holds as of the last round, or in a function of the graph, as of this round.
   *
   * @throws IllegalStateException if it was made since the last round
   */
  public final T get() {
    T result = current;
    if (result == null) {
      throw new IllegalStateException(
          "This value has not been computed yet: it has one after the next round");
    }
    return result;
  }

  final @Nullable T peek() {
    return current;
  }

  final void put(T value) {
    current = value;
  }

  final void clear() {
    current = null;
  }

  /** A dependency: {@code target} reads {@code source}; knows its place for removal at once. */
  static final class Edge {
    final Value<?> source;
    final Computed<?> target;
    private int index;

    Edge(Value<?> source, Computed<?> target) {
      this.source = source;
      this.target = target;
    }
  }

  final Edge link(Computed<?> target) {
    Edge edge = new Edge(this, target);
    if (dependantCount == dependants.length) {
      dependants = Arrays.copyOf(dependants, Math.max(2, dependantCount * 2));
    }
    edge.index = dependantCount;
    dependants[dependantCount++] = edge;
    return edge;
  }

  final void unlink(Edge edge) {
    // The order of dependants means nothing: the agenda sorts them.
    Edge last = dependants[--dependantCount];
    dependants[edge.index] = last;
    last.index = edge.index;
    Arrays.fill(dependants, dependantCount, dependantCount + 1, null);
  }

  final void announce(Agenda agenda) {
    for (int i = 0; i < dependantCount; i++) {
      agenda.add(dependants[i].target);
    }
  }

  final int dependantCount() {
    return dependantCount;
  }
}
