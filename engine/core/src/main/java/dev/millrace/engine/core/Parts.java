package dev.millrace.engine.core;

import static java.util.Objects.requireNonNull;

import dev.millrace.engine.core.Blueprint.Surroundings;
import dev.millrace.engine.core.Current.Opening;
import dev.millrace.engine.core.Shape.Fold;
import dev.millrace.incremental.Graph;
import dev.millrace.incremental.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes a part of a pipeline for each member of a changing list, or one ghost where there is no
 * member, so that the shape is seen before there is data.
 */
final class Parts<T, K, R> {
  private final Blueprint blueprint = Blueprint.active();
  private final Surroundings around = blueprint.surroundings();
  private final int id = blueprint.nextId();
  private final Current<? extends List<T>> list;
  private final Look<T> look;
  private final Function<Current<T>, Current<R>> body;
  private final Since since = blueprint.since();
  private long changed = Since.NEVER;

  private Parts(
      Current<? extends List<T>> list, Look<T> look, Function<Current<T>, Current<R>> body) {
    this.list = list;
    this.look = look;
    this.body = body;
  }

  /**
   * How members are drawn.
   *
   * @param unknown the label of the ghost while the list is unknown
   * @param empty its label while the list is empty
   * @param group whether each part is a group that folds
   * @param drawn whether members are
   */
  private record Look<T>(
      Function<? super T, String> label,
      String unknown,
      String empty,
      Optional<Opening> group,
      boolean drawn) {}

  static <T, K, R> Current<List<R>> mapEach(
      Current<? extends List<T>> list,
      Function<? super T, ? extends K> key,
      Function<? super T, String> label,
      Optional<Opening> group,
      Function<Current<T>, Current<R>> body) {
    Look<T> look = new Look<>(label, "(each item)", "(empty list)", group, true);
    return new Parts<T, K, R>(list, look, body).make(key);
  }

  static <T, K, R> Current<List<R>> mapEachHidden(
      Current<? extends List<T>> list,
      Function<? super T, ? extends K> key,
      Function<Current<T>, Current<R>> body) {
    Look<T> look = new Look<>(_ -> "", "", "", Optional.empty(), false);
    return new Parts<T, K, R>(list, look, body).make(key);
  }

  static <T, R> Current<Optional<R>> optionMap(
      Current<Optional<T>> option, String label, Function<Current<T>, Current<R>> body) {
    Current<List<T>> list = option.map(value -> value.stream().toList());
    Look<T> look = new Look<>(_ -> label, label, label, Optional.empty(), true);
    return new Parts<T, Done, R>(list, look, body)
        .make(_ -> Done.DONE)
        .map(results -> results.stream().findFirst());
  }

  /** A list with its keys; members of equal keys are one. */
  private record Keyed<T, K>(List<K> order, Map<K, T> members) {
    static <T, K> Keyed<T, K> of(List<T> members, Function<? super T, ? extends K> key) {
      List<K> order = new ArrayList<>(members.size());
      Map<K, T> byKey = LinkedHashMap.newLinkedHashMap(members.size());
      for (T member : members) {
        K k = key.apply(member);
        order.add(k);
        byKey.put(k, member);
      }
      return new Keyed<>(order, byKey);
    }
  }

  /** Why there is no member. */
  private enum Lack {
    NONE,
    EMPTY,
    UNKNOWN
  }

  private Current<List<R>> make(Function<? super T, ? extends K> key) {
    Value<Signal<Keyed<T, K>>> keyed =
        blueprint.graph.map(
            list.value(),
            signal -> {
              changed = since.evaluated(signal.isOk(), blueprint.round());
              return Current.guarded(
                  id,
                  () ->
                      signal.isOk()
                          ? Signal.ok(Keyed.<T, K>of(signal.value(), key))
                          : signal.propagate());
            },
            Blueprint::same);
    Value<Map<K, T>> members =
        blueprint.graph.map(
            keyed, signal -> signal.isOk() ? signal.value().members : Map.of(), Blueprint::equal);
    Value<Map<K, Current<R>>> parts =
        blueprint.graph.forEach(
            members,
            (_, member) ->
                part(
                    labelOf(member.get()),
                    blueprint.graph.map(member, this::labelOf, Objects::equals),
                    blueprint.graph.map(member, Signal::ok, Blueprint::same)),
            Blueprint::equal);
    Value<Optional<Current<R>>> ghost = ghost(keyed);
    Value<Signal<List<R>>> result = gather(keyed, parts);
    Tally.Slot slot = new Tally.Slot();
    blueprint.watch(
        slot,
        result,
        signal -> signal.origin() == id ? Optional.of(signal.stateOf(id)) : Optional.empty());
    return new Current<>(
        id, new Shape.Each(list, () -> drawn(parts.get(), ghost.get())), result, around, slot);
  }

  @SuppressWarnings("CatchingUnchecked") // The boundary to the author's code.
  private String labelOf(T member) {
    try {
      return requireNonNull(look.label.apply(member), "label");
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      // A label is only for show.
      return Traces.headline(bug);
    }
  }

  private List<Current<?>> drawn(Map<K, Current<R>> parts, Optional<Current<R>> ghost) {
    List<Current<?>> all = new ArrayList<>(parts.values());
    ghost.ifPresent(all::add);
    return all;
  }

  private Value<Optional<Current<R>>> ghost(Value<Signal<Keyed<T, K>>> keyed) {
    Value<Lack> lack =
        blueprint.graph.map(
            keyed,
            signal -> {
              if (!signal.isOk()) {
                return Lack.UNKNOWN;
              }
              return signal.value().members.isEmpty() ? Lack.EMPTY : Lack.NONE;
            },
            Objects::equals);
    // Outside of the body below, which runs only when the lack changes.
    Value<Signal<T>> input =
        blueprint.graph.map(
            keyed,
            signal ->
                signal.isOk()
                    ? new Signal<>(Outcome.active(Activity.READY), Signal.NOWHERE)
                    : signal.propagate(),
            Blueprint::same);
    return blueprint.graph.bind(
        lack,
        why ->
            blueprint.graph.constant(
                switch (why) {
                  case NONE -> Optional.empty();
                  case EMPTY ->
                      Optional.of(part(look.empty, blueprint.graph.constant(look.empty), input));
                  case UNKNOWN ->
                      Optional.of(
                          part(look.unknown, blueprint.graph.constant(look.unknown), input));
                }),
        Graph.identity());
  }

  /** The boundary to the author's code: a body that throws fails the part of this member only. */
  @SuppressWarnings("CatchingUnchecked")
  private Current<R> part(String name, Value<String> label, Value<Signal<T>> input) {
    Surroundings inner =
        new Surroundings(
            around.context(),
            look.group.map(opening -> Fold.in(around.fold(), name, opening)).orElse(around.fold()));
    return blueprint.inside(
        inner,
        () -> {
          try {
            return blueprint.because(changed, () -> body.apply(item(label, input)));
          } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
            blueprint.graph.discard();
            int broken = blueprint.nextId();
            return blueprint.visible(
                broken,
                new Shape.Item(blueprint.graph.constant(name), list),
                blueprint.graph.constant(Signal.of(Outcome.<R>error(bug), broken)));
          }
        });
  }

  private Current<T> item(Value<String> label, Value<Signal<T>> input) {
    int member = blueprint.nextId();
    Shape shape = new Shape.Item(label, list);
    return look.drawn
        ? blueprint.visible(member, shape, input)
        : blueprint.hidden(member, shape, input);
  }

  private Value<Signal<List<R>>> gather(
      Value<Signal<Keyed<T, K>>> keyed, Value<Map<K, Current<R>>> parts) {
    Value<List<Value<?>>> read =
        blueprint.graph.compute(
            List.of(keyed, parts),
            () -> {
              List<Value<?>> values = new ArrayList<>(parts.get().size() + 1);
              values.add(keyed);
              parts.get().values().forEach(part -> values.add(part.value()));
              return values;
            },
            (a, b) -> false);
    return blueprint.graph.gather(read, () -> together(keyed.get(), parts.get()), Blueprint::same);
  }

  private Signal<List<R>> together(Signal<Keyed<T, K>> keyed, Map<K, Current<R>> parts) {
    if (!keyed.isOk()) {
      return keyed.propagate();
    }
    // Written out: this is the inner loop of long lists.
    List<R> values = new ArrayList<>(keyed.value().order.size());
    Signal<?> worst = null;
    for (K key : keyed.value().order) {
      Signal<R> signal = requireNonNull(parts.get(key)).value().get();
      worst = Signal.worse(worst, signal);
      if (signal.outcome() instanceof Outcome.Ok<R>(R value)) {
        values.add(value);
      }
    }
    return worst != null ? worst.propagate() : Signal.ok(Collections.unmodifiableList(values));
  }
}
