package dev.millrace.engine.core;

import dev.millrace.engine.core.Shape.Fold;
import dev.millrace.incremental.Graph;
import dev.millrace.incremental.Value;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where stages are made: the graph that they join, and what surrounds them. Bound to the evaluation
 * thread while it builds or evaluates; belongs to it.
 */
final class Blueprint {
  private static final ScopedValue<Blueprint> ACTIVE = ScopedValue.newInstance();

  final Graph graph = new Graph();
  final Tally tally;
  private int stages;
  private long round;

  /** After which round what changed is why stages are made now. */
  private long madeSince = Since.NEVER;

  private Surroundings surroundings = new Surroundings(null, null);

  /** What a stage is inside of, where it is made. */
  record Surroundings(@Nullable Current<?> context, @Nullable Fold fold) {}

  Blueprint(Tally tally) {
    this.tally = tally;
  }

  /**
   * The blueprint of the pipeline that is being made or evaluated by this thread.
   *
   * @throws IllegalStateException if there is none
   */
  static Blueprint active() {
    if (!ACTIVE.isBound()) {
      throw new IllegalStateException(
          "Stages can only be made in the pipeline function given to Engine.start, or in functions"
              + " that the pipeline calls");
    }
    return ACTIVE.get();
  }

  void run(Runnable work) {
    ScopedValue.where(ACTIVE, this).run(work);
  }

  /** The number of the round that is evaluated now, from 1. */
  long round() {
    return round;
  }

  /** For a stage that is made now. */
  Since since() {
    return new Since(madeSince);
  }

  /** Makes stages because of what changed after a round. */
  <T> T because(long since, Supplier<T> work) {
    long outer = madeSince;
    madeSince = since;
    try {
      return work.get();
    } finally {
      madeSince = outer;
    }
  }

  void beginRound() {
    round++;
  }

  int nextId() {
    return ++stages;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  <T> T inside(Surroundings inner, Supplier<T> work) {
    Surroundings outer = surroundings;
    surroundings = inner;
    try {
      return work.get();
    } finally {
      surroundings = outer;
    }
  }

  /** A stage that is never drawn, or only when it fails by itself. */
  <T> Current<T> hidden(int id, Shape shape, Value<Signal<T>> value) {
    return new Current<>(id, shape, value, surroundings, null);
  }

  /** A stage that is drawn and counted. */
  <T> Current<T> visible(int id, Shape shape, Value<Signal<T>> value) {
    Tally.Slot slot = new Tally.Slot();
    watch(slot, value, signal -> Optional.of(signal.stateOf(id)));
    return new Current<>(id, shape, value, surroundings, slot);
  }

  /** Keeps the count of a stage that is shown by {@code signal}. */
  <T> void watch(
      Tally.Slot slot, Value<Signal<T>> signal, Function<Signal<T>, Optional<StageState>> shown) {
    watch(slot, List.of(signal), () -> shown.apply(signal.get()));
  }

  /** Keeps the count of a stage that is shown by what {@code sources} have come to. */
  void watch(Tally.Slot slot, List<Value<?>> sources, Supplier<Optional<StageState>> shown) {
    graph.compute(
        sources,
        () -> {
          shown.get().ifPresentOrElse(state -> tally.move(slot, state), () -> tally.remove(slot));
          return slot;
        },
        Graph.identity());
    graph.onRelease(() -> tally.remove(slot));
  }

  /** Whether two signals are the same; a value whose {@code equals} fails is never the same. */
  static boolean same(Signal<?> a, Signal<?> b) {
    return equal(a, b);
  }

  /**
   * Whether two things are equal, as far as their authors' code can say: one whose {@code equals}
   * fails is never equal to anything, which only costs needless work.
   */
  @SuppressWarnings("CatchingUnchecked") // The boundary to the authors' code.
  static boolean equal(Object a, Object b) {
    try {
      return Objects.equals(a, b);
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      return false;
    }
  }
}
