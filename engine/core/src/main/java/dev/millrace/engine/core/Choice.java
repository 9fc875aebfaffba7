package dev.millrace.engine.core;

import dev.millrace.engine.core.Blueprint.Surroundings;
import dev.millrace.incremental.Value;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/** A part of a pipeline that a value decides on: made anew whenever that changes. */
final class Choice {
  private Choice() {}

  /**
   * Makes it.
   *
   * @param on the stage whose value decides
   * @param label how the decision is drawn, if it is
   */
  static <T, R> Current<R> of(
      Current<T> on, Optional<String> label, Function<? super T, Current<R>> body) {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Tally.Slot slot = new Tally.Slot();
    Surroundings around = blueprint.surroundings();
    // What body makes is drawn after the stage that decided to make it.
    Current<T> gateway = new Current<>(id, new Shape.Gateway(label, on), on.value(), around, slot);
    AtomicReference<Optional<Current<?>>> chosen = new AtomicReference<>(Optional.empty());
    Since since = blueprint.since();
    Value<Signal<R>> result =
        blueprint.graph.bind(
            on.value(),
            signal -> {
              chosen.set(Optional.empty());
              long changed = since.evaluated(signal.isOk(), blueprint.round());
              if (!signal.isOk()) {
                return blueprint.graph.constant(signal.propagate());
              }
              Part<R> part =
                  blueprint.inside(
                      new Surroundings(gateway, around.fold()),
                      () ->
                          blueprint.because(
                              changed,
                              () -> make(blueprint, id, () -> body.apply(signal.value()))));
              chosen.set(part.stage);
              return part.value;
            },
            Blueprint::same);
    // Both: what the part comes to can stay the same while what decides on it changes.
    blueprint.watch(
        slot, List.of(on.value(), result), () -> ownOf(on.value().get(), label, id, result.get()));
    return new Current<>(blueprint.nextId(), new Shape.Bind(gateway, chosen), result, around, null);
  }

  /** What the stage that decides is seen to be doing, if it is to be seen. */
  private static Optional<StageState> ownOf(
      Signal<?> decides, Optional<String> label, int id, Signal<?> result) {
    if (decides.isOk() && result.origin() == id) {
      return Optional.of(result.stateOf(id));
    }
    return label.map(_ -> decides.stateOf(id));
  }

  /** What an author's function has made: a signal, and the stage behind it unless it broke. */
  private record Part<R>(Value<Signal<R>> value, Optional<Current<?>> stage) {}

  /**
   * Makes a part of a pipeline. A constant failure and a bug become {@code owner}'s own, so that
   * they are shown where the decision was made.
   */
  @SuppressWarnings("CatchingUnchecked")
  private static <R> Part<R> make(Blueprint blueprint, int owner, Supplier<Current<R>> body) {
    try {
      Current<R> stage = body.get();
      if (stage.shape() instanceof Shape.Constant(Optional<String> label)
          && label.isEmpty()
          && !stage.value().get().isOk()) {
        Signal<R> own = new Signal<>(stage.value().get().outcome(), owner);
        return new Part<>(blueprint.graph.constant(own), Optional.empty());
      }
      return new Part<>(stage.value(), Optional.of(stage));
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      blueprint.graph.discard();
      return new Part<>(
          blueprint.graph.constant(new Signal<>(Outcome.error(bug), owner)), Optional.empty());
    }
  }
}
