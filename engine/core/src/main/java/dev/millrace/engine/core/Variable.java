package dev.millrace.engine.core;

import dev.millrace.engine.core.Shape.SourceView;
import dev.millrace.incremental.Input;
import dev.millrace.incremental.Value;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * An input that is set by the program itself. Thread-safe, but for {@link #current}.
 *
 * @param <T> its value; with a meaningful {@code equals}
 */
public final class Variable<T> {
  private final String name;
  private final Evaluation evaluation;
  private final Input<Outcome<T>> input;

  Variable(String name, Outcome<T> initial, Evaluation evaluation) {
    this.name = name;
    this.evaluation = evaluation;
    this.input = evaluation.graph().input(initial, Blueprint::equal);
  }

  /** A stage that follows it; to be called where stages are made. */
  public Current<T> current() {
    Blueprint blueprint = Blueprint.active();
    int id = blueprint.nextId();
    Trail trail = new Trail();
    Value<Signal<T>> value =
        blueprint.graph.map(
            input,
            outcome -> trail.note(Signal.of(outcome, id), blueprint.round()),
            Blueprint::same);
    Value<SourceView> view = blueprint.graph.constant(SourceView.PLAIN);
    return blueprint.visible(id, new Shape.Source(name, view, trail), value);
  }

  /** Sets it; the pipeline follows soon. */
  public void set(Outcome<T> outcome) {
    Objects.requireNonNull(outcome);
    evaluation.post(() -> input.set(outcome));
  }

  /** Sets it to what {@code function}, called by the engine's thread, makes of what it is. */
  public void update(UnaryOperator<Outcome<T>> function) {
    evaluation.post(() -> input.set(applied(function, input.get())));
  }

  // The boundary to the author's code.
  @SuppressWarnings("CatchingUnchecked")
  private static <T> Outcome<T> applied(UnaryOperator<Outcome<T>> function, Outcome<T> present) {
    try {
      return Objects.requireNonNull(function.apply(present), "The new outcome is null");
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      return Outcome.error(bug);
    }
  }

  /** Sets it to a value. */
  public void set(T value) {
    set(Outcome.ok(value));
  }
}
