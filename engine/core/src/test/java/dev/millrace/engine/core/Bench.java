package dev.millrace.engine.core;

import dev.millrace.base.ManualTime;
import dev.millrace.incremental.Input;
import dev.millrace.incremental.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** Stages on the work bench: evaluated by the test's own thread, without an engine around them. */
final class Bench {
  private final Tally tally = new Tally(ManualTime.atNoon());
  private final Blueprint blueprint = new Blueprint(tally);
  private final Map<Current<?>, Input<?>> inputs = new HashMap<>();

  /** Makes stages. */
  <T> T make(Supplier<T> work) {
    Object[] result = new Object[1];
    blueprint.run(() -> result[0] = work.get());
    @SuppressWarnings("unchecked")
    T made = (T) result[0];
    return made;
  }

  /** An input stage, drawn as {@code label}. */
  <T> Current<T> input(String label, Outcome<T> initial) {
    Input<Outcome<T>> input = blueprint.graph.input(initial);
    int id = blueprint.nextId();
    Value<Signal<T>> value =
        blueprint.graph.map(input, outcome -> Signal.of(outcome, id), Blueprint::same);
    Current<T> stage =
        blueprint.visible(
            id,
            new Shape.Source(label, blueprint.graph.constant(Shape.SourceView.PLAIN), new Trail()),
            value);
    inputs.put(stage, input);
    return stage;
  }

  /** Sets an input and evaluates. */
  <T> void set(Current<T> stage, Outcome<T> outcome) {
    change(stage, outcome);
    evaluate();
  }

  /** Sets an input. */
  <T> void change(Current<T> stage, Outcome<T> outcome) {
    @SuppressWarnings("unchecked")
    Input<Outcome<T>> input = (Input<Outcome<T>>) Objects.requireNonNull(inputs.get(stage));
    input.set(outcome);
  }

  /** Evaluates. */
  void evaluate() {
    blueprint.run(blueprint.graph::propagate);
  }

  /** What a stage has come to. */
  <T> Outcome<T> outcome(Current<T> stage) {
    evaluate();
    return stage.observe().outcome();
  }

  StageCounts counts() {
    return tally.counts();
  }

  long computations() {
    return blueprint.graph.computations();
  }

  Picture picture(Current<?> root) {
    evaluate();
    return Picture.of(Picture.sketch(1, root));
  }

  String outline(Current<?> root) {
    evaluate();
    return Outline.of(root);
  }

  Diagram diagram(Current<?> root, Set<String> unfolded, Set<String> folded) {
    return new Diagrams(() -> 1L, () -> Picture.sketch(1, root)).draw(unfolded, folded);
  }
}
