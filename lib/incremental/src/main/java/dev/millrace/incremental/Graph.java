package dev.millrace.incremental;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A graph of values that keeps itself up to date: set inputs, call {@link #propagate}, and all that
 * depends on them, and nothing else, has been recomputed.
 *
 * <p>Every computed value has a place on a time line such that what it reads stands before it; a
 * round recomputes changed values in that order, so that each is computed at most once, with all it
 * reads already up to date. Values that are made by a computation while it runs (see {@link #bind},
 * {@link #forEach}) are put just after it, and go away when it is redone or goes away itself. This
 * is the self-adjusting computation of Acar, Blelloch and Harper ("Adaptive functional
 * programming", 2002) with explicit dependencies, so that neither building nor updating recurses
 * over the depth of the graph.
 *
 * <p>Everything that was made is kept up to date, whether or not something reads it. A value must
 * not be used outside the computation that made it.
 *
 * <p>Belongs to one thread, as do all its values.
 */
public final class Graph {
  private final Timeline timeline = new Timeline();
  private final Agenda agenda = new Agenda();
  private final Scope root = new Scope(timeline.first());
  private final ArrayDeque<Scope> leaving = new ArrayDeque<>();
  private final ArrayDeque<Runnable> hooks = new ArrayDeque<>();
  private Scope scope = root;
  private boolean propagating;
  private long rounds;
  private long computations;

  /** An idea of the same: the very same object. */
  @SuppressWarnings("ReferenceEquality") // That is what it is for.
  public static <T> BiPredicate<T, T> identity() {
    return (a, b) -> a == b;
  }

  /** An input; a change to an equal value is none. */
  public <T> Input<T> input(T initial) {
    return input(initial, Objects::equals);
  }

  /** An input; a change to a value that is the same by {@code same} is none. */
  public <T> Input<T> input(T initial, BiPredicate<? super T, ? super T> same) {
    return new Input<>(this, initial, same);
  }

  /** A value that never changes. */
  public <T> Value<T> constant(T value) {
    return new Input<>(this, value, (_, _) -> false);
  }

  /** A function of one value. */
  public <A, T> Value<T> map(
      Value<A> source,
      Function<? super A, ? extends T> function,
      BiPredicate<? super T, ? super T> same) {
    return compute(List.of(source), () -> function.apply(source.get()), same);
  }

  /**
   * A function of many values.
   *
   * @param sources what {@code function} reads, by {@link Value#get}
   * @param same what counts as no change of the result
   */
  public <T> Value<T> compute(
      List<? extends Value<?>> sources,
      Supplier<? extends T> function,
      BiPredicate<? super T, ? super T> same) {
    sources.forEach(this::requireUsable);
    return place(new Computed.Fixed<T>(sources, function, same));
  }

  /** A function of as many values as {@code sources} holds at the time. */
  public <T> Value<T> gather(
      Value<? extends Collection<? extends Value<?>>> sources,
      Supplier<? extends T> function,
      BiPredicate<? super T, ? super T> same) {
    requireUsable(sources);
    return place(new Computed.Gathered<T>(sources, function, same));
  }

  /**
   * The value that {@code body} chooses by another value. The body is run again each time {@code
   * source} changes; what it made before is released.
   */
  public <A, T> Value<T> bind(
      Value<A> source,
      Function<? super A, ? extends Value<T>> body,
      BiPredicate<? super T, ? super T> same) {
    requireUsable(source);
    Value<Value<T>> head = place(new Computed.Head<A, T>(source, body));
    return place(new Computed.Follower<>(head, same));
  }

  /**
   * Something made for each entry of a map, once for each key while the key is there.
   *
   * @param source the entries; the result has the same keys, in the order in which they came; it
   *     shows what is there at the time and is not to be kept for another round
   * @param body makes the thing for a key and its changing value
   * @param same what counts as no change of an entry's value
   */
  public <K, A, N> Value<Map<K, N>> forEach(
      Value<? extends Map<K, A>> source,
      BiFunction<? super K, ? super Value<A>, ? extends N> body,
      BiPredicate<? super A, ? super A> same) {
    requireUsable(source);
    return place(new Computed.Each<K, A, N>(source, body, same));
  }

  /**
   * Has {@code hook} run after the round in which the enclosing computation is redone or goes away;
   * what replaces it exists by then.
   */
  public void onRelease(Runnable hook) {
    scope.hooks.add(hook);
  }

  /**
   * Releases what the computation that runs now, or its body for one key, has made so far: for a
   * body that cannot finish.
   */
  public void discard() {
    Computed<?> start = scope.start;
    release(scope);
    scope.cursor = start;
  }

  /** Whether there is something to recompute. */
  public boolean isDirty() {
    return !agenda.isEmpty();
  }

  /**
   * Recomputes what has to be, then runs release hooks.
   *
   * <p>If a function throws, the round ends with that exception, and the value is tried again in
   * the next.
   *
   * @throws IllegalStateException when called from within a round
   */
  public void propagate() {
    requireIdle();
    propagating = true;
    rounds++;
    try {
      while (!agenda.isEmpty()) {
        step(agenda.removeFirst());
      }
    } finally {
      scope = root;
      propagating = false;
    }
    runHooks();
  }

  private void step(Computed<?> node) {
    boolean done = false;
    try {
      computations++;
      if (node.recompute(this, rounds)) {
        node.announce(agenda);
      }
      done = true;
    } finally {
      if (!done) {
        agenda.add(node);
      }
    }
  }

  /** Releases everything and runs the hooks; the graph is empty then. */
  public void clear() {
    requireIdle();
    release(root);
    root.cursor = timeline.first();
    runHooks();
  }

  private void runHooks() {
    Runnable hook;
    while ((hook = hooks.poll()) != null) {
      hook.run();
    }
  }

  /** How many computations have been run, for tests and measurements. */
  public long computations() {
    return computations;
  }

  Agenda agenda() {
    return agenda;
  }

  void requireIdle() {
    if (propagating) {
      throw new IllegalStateException(
          "Inputs may not change in the middle of a round: hand the change to the graph's owner");
    }
  }

  /** Checks that a value can be read by what is made now. */
  void requireUsable(Value<?> value) {
    if (value instanceof Computed<?> computed
        && (computed.isReleased() || computed.tag > scope.cursor.tag)) {
      throw new IllegalStateException(
          computed.isReleased()
              ? "This value has gone with the computation that made it: make it where it is used"
              : "This value is made after what is to read it: make it first");
    }
  }

  private <T> Value<T> place(Computed<T> node) {
    timeline.insertAfter(scope.cursor, node);
    scope.cursor = node;
    scope.members.add(node);
    agenda.add(node);
    return node;
  }

  <T> T inside(Scope inner, Supplier<T> work) {
    Scope outer = scope;
    scope = inner;
    try {
      return work.get();
    } finally {
      scope = outer;
    }
  }

  /** Takes everything made in this scope, and in scopes inside it, out of the graph. */
  void release(Scope outermost) {
    // Iterative: scopes may be nested as deep as the pipeline is long.
    boolean nested = !leaving.isEmpty();
    leaving.add(outermost);
    if (nested) {
      return;
    }
    Scope next;
    while ((next = leaving.peek()) != null) {
      for (Computed<?> node : next.members) {
        releaseNode(node);
      }
      next.members.clear();
      hooks.addAll(next.hooks);
      next.hooks.clear();
      leaving.poll();
    }
  }

  private void releaseNode(Computed<?> node) {
    node.markReleased();
    node.releaseInner(this);
    agenda.remove(node);
    node.unlink();
    timeline.remove(node);
  }
}
