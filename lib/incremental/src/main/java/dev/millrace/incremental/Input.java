package dev.millrace.incremental;

import java.util.function.BiPredicate;

/**
 * A value that is set from outside. Belongs to the graph's thread.
 *
 * @param <T> what it holds
 */
public final class Input<T> extends Value<T> {
  private final Graph graph;
  private final BiPredicate<? super T, ? super T> same;

  Input(Graph graph, T initial, BiPredicate<? super T, ? super T> same) {
    super(initial);
    this.graph = graph;
    this.same = same;
  }

  /**
   * Changes the value; what depends on it is recomputed in the next round. Nothing happens if the
   * new value is the same.
   *
   * @throws IllegalStateException in the middle of a round
   */
  public void set(T value) {
    graph.requireIdle();
    change(value);
  }

  void change(T value) {
    if (!same.test(get(), value)) {
      put(value);
      announce(graph.agenda());
    }
  }
}
