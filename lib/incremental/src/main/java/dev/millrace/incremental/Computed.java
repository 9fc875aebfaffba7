package dev.millrace.incremental;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value computed from others, and its place on the time line: everything that it reads stands
 * before it.
 */
abstract sealed class Computed<T> extends Value<T> {
  private final BiPredicate<? super T, ? super T> same;

  // The time line's.
  @Nullable Computed<?> previous;
  @Nullable Computed<?> next;
  long tag;

  // The agenda's: place in the heap, -1 when not in it.
  int place = -1;

  private boolean released;
  private long round = -1;

  Computed(BiPredicate<? super T, ? super T> same) {
    super(null);
    this.same = same;
  }

  abstract T compute(Graph graph);

  /** Forgets every dependency. */
  abstract void unlink();

  /** Hands the scopes that live inside this computation to {@code graph} for release. */
  void releaseInner(Graph graph) {}

  final boolean isReleased() {
    return released;
  }

  final void markReleased() {
    released = true;
  }

  /** Computes the value; says whether it has changed. */
  final boolean recompute(Graph graph, long thisRound) {
    if (round == thisRound) {
      throw new IllegalStateException("A value was to be computed twice in one round");
    }
    T old = peek();
    T fresh = compute(graph);
    round = thisRound;
    if (old != null && same.test(old, fresh)) {
      return false;
    }
    put(fresh);
    return true;
  }

  /** Depends on a fixed list of values. */
  static final class Fixed<T> extends Computed<T> {
    private final Edge[] edges;
    private final Supplier<? extends T> function;

    Fixed(
        List<? extends Value<?>> sources,
        Supplier<? extends T> function,
        BiPredicate<? super T, ? super T> same) {
      super(same);
      this.function = function;
      this.edges = new Edge[sources.size()];
      for (int i = 0; i < edges.length; i++) {
        edges[i] = sources.get(i).link(this);
      }
    }

    @Override
    T compute(Graph graph) {
      return function.get();
    }

    @Override
    void unlink() {
      for (Edge edge : edges) {
        edge.source.unlink(edge);
      }
    }
  }

  /** Runs a body that makes further values, in a scope that is renewed each time. */
  static final class Head<A, T> extends Computed<Value<T>> {
    private final Value<A> source;
    private final Edge edge;
    private final Function<? super A, ? extends Value<T>> body;
    private @Nullable Scope inner;

    Head(Value<A> source, Function<? super A, ? extends Value<T>> body) {
      super((_, _) -> false);
      this.source = source;
      this.edge = source.link(this);
      this.body = body;
    }

    @Override
    Value<T> compute(Graph graph) {
      releaseInner(graph);
      inner = new Scope(this);
      return graph.inside(
          inner,
          () -> {
            Value<T> result = body.apply(source.get());
            graph.requireUsable(result);
            return result;
          });
    }

    @Override
    void releaseInner(Graph graph) {
      if (inner != null) {
        graph.release(inner);
        inner = null;
      }
    }

    @Override
    void unlink() {
      source.unlink(edge);
    }
  }

  /** Follows the value that a {@link Head} has chosen. */
  static final class Follower<T> extends Computed<T> {
    private final Value<Value<T>> head;
    private final Edge headEdge;
    private @Nullable Edge chosenEdge;

    Follower(Value<Value<T>> head, BiPredicate<? super T, ? super T> same) {
      super(same);
      this.head = head;
      this.headEdge = head.link(this);
    }

    @Override
    T compute(Graph graph) {
      Value<T> chosen = head.get();
      if (chosenEdge == null || !chosenEdge.source.equals(chosen)) {
        unlinkChosen();
        chosenEdge = chosen.link(this);
      }
      return chosen.get();
    }

    private void unlinkChosen() {
      if (chosenEdge != null) {
        chosenEdge.source.unlink(chosenEdge);
        chosenEdge = null;
      }
    }

    @Override
    void unlink() {
      unlinkChosen();
      head.unlink(headEdge);
    }
  }

  /** Keeps one scope per key of a changing map. */
  static final class Each<K, A, N> extends Computed<Map<K, N>> {
    private final Value<? extends Map<K, A>> source;
    private final Edge edge;
    private final BiFunction<? super K, ? super Value<A>, ? extends N> body;
    private final BiPredicate<? super A, ? super A> sameItem;
    private final HashMap<K, Item<A>> items = new HashMap<>();

    /** What was made, which the result shows as it is now: a result is a new view of it. */
    private final LinkedHashMap<K, N> made = new LinkedHashMap<>();

    Each(
        Value<? extends Map<K, A>> source,
        BiFunction<? super K, ? super Value<A>, ? extends N> body,
        BiPredicate<? super A, ? super A> sameItem) {
      super(Graph.identity());
      this.source = source;
      this.edge = source.link(this);
      this.body = body;
      this.sameItem = sameItem;
    }

    private record Item<A>(Input<A> input, Scope scope) {}

    @Override
    Map<K, N> compute(Graph graph) {
      Map<K, A> wanted = source.get();
      boolean changed = false;
      for (Map.Entry<K, A> entry : wanted.entrySet()) {
        Item<A> known = items.get(entry.getKey());
        if (known == null) {
          make(graph, entry.getKey(), entry.getValue());
          changed = true;
        } else {
          // The readers of an item stand after this node: they are yet to come in this round.
          known.input.change(entry.getValue());
        }
      }
      if (items.size() > wanted.size()) {
        changed = true;
        items.entrySet().removeIf(entry -> removeUnwanted(graph, wanted, entry));
      }
      Map<K, N> old = peek();
      return old != null && !changed ? old : Collections.unmodifiableMap(made);
    }

    private boolean removeUnwanted(Graph graph, Map<K, A> wanted, Map.Entry<K, Item<A>> entry) {
      if (wanted.containsKey(entry.getKey())) {
        return false;
      }
      graph.release(entry.getValue().scope);
      made.remove(entry.getKey());
      return true;
    }

    private void make(Graph graph, K key, A value) {
      Input<A> input = new Input<>(graph, value, sameItem);
      Scope scope = new Scope(this);
      boolean done = false;
      try {
        made.put(key, graph.inside(scope, () -> body.apply(key, input)));
        items.put(key, new Item<>(input, scope));
        done = true;
      } finally {
        if (!done) {
          graph.release(scope);
        }
      }
    }

    @Override
    void releaseInner(Graph graph) {
      items.values().forEach(item -> graph.release(item.scope));
      items.clear();
      made.clear();
    }

    @Override
    void unlink() {
      source.unlink(edge);
    }
  }

  /** Reads a changing list of values. */
  static final class Gathered<T> extends Computed<T> {
    private final Value<? extends Collection<? extends Value<?>>> sources;
    private final Edge sourcesEdge;
    private final Supplier<? extends T> function;
    private Edge[] edges = {};
    private @Nullable Object linked;

    Gathered(
        Value<? extends Collection<? extends Value<?>>> sources,
        Supplier<? extends T> function,
        BiPredicate<? super T, ? super T> same) {
      super(same);
      this.sources = sources;
      this.sourcesEdge = sources.link(this);
      this.function = function;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // The same object has the same members: quick to see.
    T compute(Graph graph) {
      Collection<? extends Value<?>> now = sources.get();
      if (linked != now) {
        relink(now);
        linked = now;
      }
      return function.get();
    }

    /**
     * Keeps the edges at both ends of the list as far as they are the same: a member that comes or
     * goes costs a comparison for each of the others, and no more. A source that comes twice has
     * two edges, which does no harm.
     */
    private void relink(Collection<? extends Value<?>> now) {
      Value<?>[] wanted = now.toArray(new Value<?>[0]);
      int most = Math.min(wanted.length, edges.length);
      int head = 0;
      while (head < most && edges[head].source.equals(wanted[head])) {
        head++;
      }
      int tail = 0;
      while (tail < most - head
          && edges[edges.length - 1 - tail].source.equals(wanted[wanted.length - 1 - tail])) {
        tail++;
      }
      Edge[] kept = new Edge[wanted.length];
      System.arraycopy(edges, 0, kept, 0, head);
      System.arraycopy(edges, edges.length - tail, kept, wanted.length - tail, tail);
      for (int i = head; i < wanted.length - tail; i++) {
        kept[i] = wanted[i].link(this);
      }
      for (int i = head; i < edges.length - tail; i++) {
        edges[i].source.unlink(edges[i]);
      }
      edges = kept;
    }

    @Override
    void unlink() {
      for (Edge edge : edges) {
        edge.source.unlink(edge);
      }
      edges = new Edge[0];
      sources.unlink(sourcesEdge);
    }
  }

  /** An end of the time line. */
  static final class Bound extends Computed<Object> {
    Bound() {
      super((_, _) -> true);
    }

    @Override
    Object compute(Graph graph) {
      throw new IllegalStateException("The ends of the time line are not computed");
    }

    @Override
    void unlink() {}
  }
}
