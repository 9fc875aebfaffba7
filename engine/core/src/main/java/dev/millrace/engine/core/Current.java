package dev.millrace.engine.core;

import dev.millrace.engine.core.Blueprint.Surroundings;
import dev.millrace.engine.core.Shape.Fold;
import dev.millrace.incremental.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A stage of a pipeline: a node of the graph, whose {@link Outcome} is kept up to date.
 *
 * <p>Stages are made in the pipeline function given to {@link Engine#start}, or in functions that
 * the pipeline calls ({@link #flatMap}, {@link #mapEach} …), which must have no effects of their
 * own: they describe. A stage reads stages made before it, and must not be carried out of the
 * function that made it. Everything made is kept up to date, whether or not something reads it.
 *
 * <p>Functions that throw fail their stage, with the stack trace. A change to an equal value
 * ({@link Object#equals}) is none and goes no further; use {@link #cutoff} or {@link #map(Function,
 * BiPredicate)} for another idea of the same.
 *
 * @param <T> its value
 */
public final class Current<T> {
  private final int id;
  private final Shape shape;
  private final Value<Signal<T>> value;
  private final Surroundings surroundings;
  private final Tally.@Nullable Slot slot;

  Current(
      int id,
      Shape shape,
      Value<Signal<T>> value,
      Surroundings surroundings,
      Tally.@Nullable Slot slot) {
    this.id = id;
    this.shape = shape;
    this.value = value;
    this.surroundings = surroundings;
    this.slot = slot;
  }

  int id() {
    return id;
  }

  Shape shape() {
    return shape;
  }

  Value<Signal<T>> value() {
    return value;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  Tally.@Nullable Slot slot() {
    return slot;
  }

  // Constants.

  /** A constant that is not drawn. */
  public static <T> Current<T> of(T value) {
    return constant(Optional.empty(), Outcome.ok(value));
  }

  /** A constant that is drawn as {@code label}. */
  public static <T> Current<T> of(String label, T value) {
    return constant(Optional.of(label), Outcome.ok(value));
  }

  /** A stage that has failed. */
  public static <T> Current<T> failed(String message) {
    return constant(Optional.empty(), Outcome.failed(message));
  }

  /** A stage that has no value yet, ever. */
  public static <T> Current<T> active(Activity activity) {
    return constant(Optional.empty(), Outcome.active(activity));
  }

  /** A stage with this outcome. */
  public static <T> Current<T> ofOutcome(Outcome<T> outcome) {
    return constant(Optional.empty(), outcome);
  }

  private static <T> Current<T> constant(Optional<String> label, Outcome<T> outcome) {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Value<Signal<T>> value = blueprint.graph.constant(Signal.of(outcome, id));
    Shape shape = new Shape.Constant(label);
    boolean unexplained = !outcome.isOk() && blueprint.surroundings().context() == null;
    return label.isPresent() || unexplained
        ? blueprint.visible(id, shape, value)
        : blueprint.hidden(id, shape, value);
  }

  // One source.

  /** A function of the value. */
  public <R> Current<R> map(Function<? super T, ? extends R> function) {
    return map(function, Objects::equals);
  }

  /** A function of the value, with an idea of what counts as no change of its result. */
  public <R> Current<R> map(
      Function<? super T, ? extends R> function, BiPredicate<? super R, ? super R> same) {
    return function(
        List.of(this),
        id ->
            value.get().isOk()
                ? Signal.ok(function.apply(value.get().value()))
                : value.get().propagate(),
        bySame(same));
  }

  /** The same stage, but a change that is none by {@code same} goes no further. */
  public Current<T> cutoff(BiPredicate<? super T, ? super T> same) {
    return map(Function.identity(), same);
  }

  /** Rewrites the message of a failure; the failure counts as this stage's own from here on. */
  public Current<T> mapFailure(UnaryOperator<String> function) {
    return function(
        List.of(this),
        id ->
            value.get().outcome() instanceof Outcome.Failed<T> failed
                ? new Signal<>(
                    new Outcome.Failed<>(
                        function.apply(failed.message()), failed.kind(), failed.trace()),
                    id)
                : value.get(),
        Blueprint::same);
  }

  /** The same without its value. */
  public Current<Done> ignoreValue() {
    return map(_ -> Done.DONE);
  }

  /**
   * Lets the value pass once {@code control} has one; until then, what holds control up. Does not
   * delay the work that makes the value.
   */
  public Current<T> gate(Current<?> control) {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Value<Signal<T>> passed =
        blueprint.graph.compute(
            List.of(value, control.value),
            () -> control.value.get().isOk() ? value.get() : control.value.get().propagate(),
            Blueprint::same);
    return blueprint.visible(id, new Shape.Gate(this, control), passed);
  }

  /** The outcome as a value; drawn. */
  public Current<Outcome<T>> state() {
    return state(Optional.of("state"));
  }

  /** The outcome as a value; not drawn. */
  public Current<Outcome<T>> hiddenState() {
    return state(Optional.empty());
  }

  private Current<Outcome<T>> state(Optional<String> label) {
    return reading(label, id -> Signal.ok(value.get().outcome()));
  }

  /** The outcome as a value once it is not active any more; drawn. */
  public Current<Outcome<T>> catching() {
    return catching(Optional.of("catch"));
  }

  /** The outcome as a value once it is not active any more; not drawn. */
  public Current<Outcome<T>> hiddenCatching() {
    return catching(Optional.empty());
  }

  private Current<Outcome<T>> catching(Optional<String> label) {
    return reading(
        label,
        id ->
            value.get().outcome() instanceof Outcome.Active<T>
                ? value.get().propagate()
                : Signal.ok(value.get().outcome()));
  }

  /**
   * How a stage is seen to stand.
   *
   * @param outcome what it has come to, be it its own doing or that of a stage before it
   * @param state how it is drawn: {@link StageState#BLOCKED} where it waits for another stage, or
   *     that one has failed
   */
  public record Observation<T>(Outcome<T> outcome, StageState state) {}

  /** How this stage stands, as a value, blocked told apart from active and failed; not drawn. */
  public Current<Observation<T>> observation() {
    return reading(
        Optional.empty(),
        _ -> Signal.ok(new Observation<>(value.get().outcome(), value.get().stateOf(this.id))));
  }

  private <R> Current<R> reading(Optional<String> label, IntFunction<Signal<R>> read) {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Value<Signal<R>> result =
        blueprint.graph.compute(List.of(value), () -> read.apply(id), Blueprint::same);
    Shape shape = new Shape.Reading(label, this);
    return label.isPresent()
        ? blueprint.visible(id, shape, result)
        : blueprint.hidden(id, shape, result);
  }

  /**
   * How the work behind a stage stands.
   *
   * @param job the newest job behind it, if there is one
   * @param update while an old result is shown: what the job or the read that replaces it is doing
   */
  public record Progress(Optional<JobId> job, Optional<StageState> update) {}

  /**
   * How the work behind this stage stands, if it is an operation's, an input's, or a function of
   * one such; not drawn.
   */
  public Current<Progress> progress() {
    Blueprint blueprint = Blueprint.active();
    Value<Signal<Progress>> progress =
        switch (source().shape) {
          case Shape.Run run ->
              blueprint.graph.map(
                  run.view(),
                  view -> Signal.ok(new Progress(view.job(), view.update())),
                  Blueprint::same);
          case Shape.Source input ->
              blueprint.graph.map(
                  input.view(),
                  view -> Signal.ok(new Progress(Optional.empty(), view.refreshing())),
                  Blueprint::same);
          case Shape.Constant _,
              Shape.Function _,
              Shape.Gate _,
              Shape.Reading _,
              Shape.Gateway _,
              Shape.Bind _,
              Shape.Item _,
              Shape.Each _ ->
              blueprint.graph.constant(Signal.ok(new Progress(Optional.empty(), Optional.empty())));
        };
    return blueprint.hidden(
        blueprint.nextId(), new Shape.Reading(Optional.empty(), this), progress);
  }

  /** The stage that this is a function of, if it is one of one stage only. */
  private Current<?> source() {
    Current<?> stage = this;
    while (stage.shape instanceof Shape.Function(List<Current<?>> sources) && sources.size() == 1) {
      stage = sources.getFirst();
    }
    return stage;
  }

  // Many sources.

  /** Two values together. */
  @SuppressWarnings("AmbiguousMethodReference") // Nobody refers to it by name alone.
  public <B, R> Current<R> zip(
      Current<B> other, BiFunction<? super T, ? super B, ? extends R> function) {
    return together(
        List.of(this, other), () -> function.apply(value.get().value(), other.value.get().value()));
  }

  /** A function of three values. */
  @FunctionalInterface
  public interface Function3<A, B, C, R> {
    /** Computes. */
    R apply(A a, B b, C c);
  }

  /** A function of four values. */
  @FunctionalInterface
  public interface Function4<A, B, C, D, R> {
    /** Computes. */
    R apply(A a, B b, C c, D d);
  }

  /** A function of five values. */
  @FunctionalInterface
  public interface Function5<A, B, C, D, E, R> {
    /** Computes. */
    R apply(A a, B b, C c, D d, E e);
  }

  /** Two values together. */
  @SuppressWarnings("AmbiguousMethodReference") // Nobody refers to it by name alone.
  public static <A, B, R> Current<R> zip(
      Current<A> a, Current<B> b, BiFunction<? super A, ? super B, ? extends R> function) {
    return a.zip(b, function);
  }

  /** Three values together. */
  public static <A, B, C, R> Current<R> zip(
      Current<A> a,
      Current<B> b,
      Current<C> c,
      Function3<? super A, ? super B, ? super C, ? extends R> function) {
    return together(List.of(a, b, c), () -> function.apply(a.now(), b.now(), c.now()));
  }

  /** Four values together. */
  public static <A, B, C, D, R> Current<R> zip(
      Current<A> a,
      Current<B> b,
      Current<C> c,
      Current<D> d,
      Function4<? super A, ? super B, ? super C, ? super D, ? extends R> function) {
    return together(List.of(a, b, c, d), () -> function.apply(a.now(), b.now(), c.now(), d.now()));
  }

  /** Five values together. */
  public static <A, B, C, D, E, R> Current<R> zip(
      Current<A> a,
      Current<B> b,
      Current<C> c,
      Current<D> d,
      Current<E> e,
      Function5<? super A, ? super B, ? super C, ? super D, ? super E, ? extends R> function) {
    return together(
        List.of(a, b, c, d, e), () -> function.apply(a.now(), b.now(), c.now(), d.now(), e.now()));
  }

  private T now() {
    return value.get().value();
  }

  /** All the values, in this order, once there are all. */
  public static <T> Current<List<T>> all(List<Current<T>> members) {
    List<Current<T>> copy = List.copyOf(members);
    return together(List.copyOf(members), () -> valuesOf(copy));
  }

  /** The value of a stage that may be missing, as an optional argument of others. */
  public static <T> Current<Optional<T>> option(Optional<Current<T>> member) {
    return member
        .map(stage -> stage.<Optional<T>>map(Optional::of))
        .orElseGet(() -> of(Optional.empty()));
  }

  private static <T> List<T> valuesOf(List<Current<T>> members) {
    List<T> values = new ArrayList<>(members.size());
    for (Current<T> member : members) {
      values.add(member.now());
    }
    return List.copyOf(values);
  }

  /** Done once every member is, and none has failed; members that were skipped do not matter. */
  public static Current<Done> allDone(List<? extends Current<?>> members) {
    List<Current<?>> copy = List.copyOf(members);
    return function(
        copy,
        _ ->
            worstOf(copy)
                .filter(worst -> !(worst.outcome() instanceof Outcome.Skipped<?>))
                .<Signal<Done>>map(Signal::propagate)
                .orElseGet(() -> Signal.ok(Done.DONE)),
        Blueprint::same);
  }

  /**
   * Done once no member is active and none has failed; else the failure names the members that
   * failed, and says why if all failed for the same reason. Members that were skipped do not
   * matter.
   */
  public static Current<Done> allLabelled(SequencedMap<String, ? extends Current<?>> members) {
    LinkedHashMap<String, Current<?>> copy = new LinkedHashMap<>(members);
    return function(
        List.copyOf(copy.values()),
        id -> {
          Map<String, Outcome.Failed<?>> failures = new LinkedHashMap<>();
          for (Map.Entry<String, Current<?>> member : copy.entrySet()) {
            Signal<?> signal = member.getValue().value.get();
            switch (signal.outcome()) {
              case Outcome.Active<?> _ -> {
                return signal.propagate();
              }
              case Outcome.Failed<?> failed -> failures.put(member.getKey(), failed);
              case Outcome.Ok<?> _, Outcome.Skipped<?> _ -> {}
            }
          }
          return failures.isEmpty()
              ? Signal.ok(Done.DONE)
              : new Signal<>(new Outcome.Failed<>(describe(failures)), id);
        },
        Blueprint::same);
  }

  private static String describe(Map<String, Outcome.Failed<?>> failures) {
    List<String> reasons =
        failures.values().stream().<String>map(Outcome.Failed::message).distinct().toList();
    String names = String.join(", ", failures.keySet());
    return reasons.size() == 1 ? names + " failed: " + reasons.getFirst() : names + " failed";
  }

  private static <R> Current<R> together(List<Current<?>> sources, Supplier<? extends R> combine) {
    return function(
        sources,
        _ ->
            worstOf(sources)
                .<Signal<R>>map(Signal::propagate)
                .orElseGet(() -> Signal.ok(combine.get())),
        Blueprint::same);
  }

  private static Optional<Signal<?>> worstOf(List<? extends Current<?>> sources) {
    // Written out: this is the inner loop of wide pipelines.
    Signal<?> worst = null;
    for (Current<?> source : sources) {
      worst = Signal.worse(worst, source.value.get());
    }
    return Optional.ofNullable(worst);
  }

  private static <R> Current<R> function(
      List<? extends Current<?>> sources,
      IntFunction<Signal<R>> function,
      BiPredicate<Signal<R>, Signal<R>> same) {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Tally.Slot slot = new Tally.Slot();
    List<Value<?>> values = new ArrayList<>(sources.size());
    for (Current<?> source : sources) {
      values.add(source.value);
    }
    Value<Signal<R>> result =
        blueprint.graph.compute(
            values,
            () -> {
              Signal<R> signal = guarded(id, () -> function.apply(id));
              // Drawn, and so counted, only while the failure is its own.
              if (signal.origin() == id) {
                blueprint.tally.move(slot, signal.stateOf(id));
              } else {
                blueprint.tally.remove(slot);
              }
              return signal;
            },
            same);
    blueprint.graph.onRelease(() -> blueprint.tally.remove(slot));
    return new Current<>(
        id, new Shape.Function(List.copyOf(sources)), result, blueprint.surroundings(), slot);
  }

  // The boundary to the pipeline author's code: whatever it throws fails this one stage.
  @SuppressWarnings("CatchingUnchecked")
  static <R> Signal<R> guarded(int id, Supplier<Signal<R>> work) {
    try {
      return work.get();
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      return new Signal<>(Outcome.error(bug), id);
    }
  }

  // The boundary to the author's code.
  @SuppressWarnings("CatchingUnchecked")
  private static <R> BiPredicate<Signal<R>, Signal<R>> bySame(
      BiPredicate<? super R, ? super R> same) {
    return (a, b) -> {
      if (!a.isOk() || !b.isOk()) {
        return Blueprint.same(a, b);
      }
      try {
        return same.test(a.value(), b.value());
      } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
        // A broken comparison only costs needless work.
        return false;
      }
    };
  }

  // Parts that depend on values.

  /** The part of the pipeline that {@code body} makes for the value; made anew on each change. */
  public <R> Current<R> flatMap(Function<? super T, Current<R>> body) {
    return Choice.of(this, Optional.empty(), body);
  }

  /** The same, drawn as a stage with a label. */
  public <R> Current<R> flatMap(String label, Function<? super T, Current<R>> body) {
    return Choice.of(this, Optional.of(label), body);
  }

  /**
   * A pipeline for each member of a list, and the list of what they come to.
   *
   * <p>The part made for a key stays while the key is in the list; its input follows the member. So
   * that the shape is seen before there are members, {@code body} is also called with an input
   * without a value while the list is empty or unknown. An unknown list drops all parts.
   *
   * @param key what makes a member the same one as before; members of equal keys share a part, made
   *     from the last of them
   * @param label how a member is drawn
   */
  public static <T, K, R> Current<List<R>> mapEach(
      Current<? extends List<T>> list,
      Function<? super T, ? extends K> key,
      Function<? super T, String> label,
      Function<Current<T>, Current<R>> body) {
    return Parts.mapEach(list, key, label, Optional.empty(), body);
  }

  /**
   * The same without drawing the members: what is made of each must tell them apart, as {@link
   * Engine#runDescribed} does.
   */
  public static <T, K, R> Current<List<R>> mapEachHidden(
      Current<? extends List<T>> list,
      Function<? super T, ? extends K> key,
      Function<Current<T>, Current<R>> body) {
    return Parts.mapEachHidden(list, key, body);
  }

  /** The same with the part of each member as a group that folds, labelled as the member is. */
  public static <T, K, R> Current<List<R>> mapEachGroup(
      Current<? extends List<T>> list,
      Function<? super T, ? extends K> key,
      Function<? super T, String> label,
      Opening opening,
      Function<Current<T>, Current<R>> body) {
    return Parts.mapEach(list, key, label, Optional.of(opening), body);
  }

  /** A pipeline for each member of a list, as {@link #mapEach} makes them, done once all are. */
  public static <T, K> Current<Done> forEach(
      Current<? extends List<T>> list,
      Function<? super T, ? extends K> key,
      Function<? super T, String> label,
      Function<Current<T>, ? extends Current<?>> body) {
    return mapEach(list, key, label, item -> body.apply(item).ignoreValue()).ignoreValue();
  }

  /**
   * A pipeline for a value that may be missing. Its shape is shown also while the value is missing
   * or unknown.
   */
  public static <T, R> Current<Optional<R>> optionMap(
      Current<Optional<T>> option, String label, Function<Current<T>, Current<R>> body) {
    return Parts.optionMap(option, label, body);
  }

  // What is only drawn.

  /** Has everything that {@code inside} makes drawn after {@code context}. */
  public static <R> Current<R> within(Current<?> context, Supplier<Current<R>> inside) {
    Blueprint blueprint = Blueprint.active();
    Surroundings around = blueprint.surroundings();
    // A hidden stage that stands for both, as contexts add up.
    Current<?> both =
        new Current<>(
            blueprint.nextId(), new Shape.Function(List.of(context)), context.value, around, null);
    return blueprint.inside(new Surroundings(both, around.fold()), inside);
  }

  /** Whether a group is open until somebody folds it. */
  public enum Opening {
    /** Open until folded. */
    OPEN,
    /** Folded until opened. */
    FOLDED
  }

  /**
   * Has everything that {@code inside} makes drawn as a group that folds, now and whenever its
   * parts are made anew.
   *
   * @param label its name, which with the names of the groups around it makes its address
   */
  public static <R> Current<R> group(String label, Opening opening, Supplier<Current<R>> inside) {
    Blueprint blueprint = Blueprint.active();
    Surroundings around = blueprint.surroundings();
    return blueprint.inside(
        new Surroundings(around.context(), Fold.in(around.fold(), label, opening)), inside);
  }

  /**
   * What it is seen to have come to, as of the last round; for tests and for the whole's result.
   */
  Signal<T> observe() {
    return value.get();
  }
}
