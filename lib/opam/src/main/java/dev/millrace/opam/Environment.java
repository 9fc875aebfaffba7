package dev.millrace.opam;

import java.util.Map;
import java.util.Optional;

/**
 * What variables stand for. Global variables are asked by their name ({@code os}), those of
 * packages with the package before a colon ({@code ocaml:native}), those of the package itself as
 * {@code _:name}.
 */
@FunctionalInterface
public interface Environment {
  /** Knows no variable. */
  Environment EMPTY = _ -> Optional.empty();

  /** Returns the variable's value; nothing when it is undefined. */
  Optional<VariableValue> find(String variable);

  /** Returns the environment of these values. */
  static Environment of(Map<String, VariableValue> values) {
    Map<String, VariableValue> copy = Map.copyOf(values);
    return variable -> Optional.ofNullable(copy.get(variable));
  }

  /** Returns the environment of these texts; {@code true} and {@code false} stay texts. */
  static Environment ofTexts(Map<String, String> values) {
    Map<String, String> copy = Map.copyOf(values);
    return variable -> Optional.ofNullable(copy.get(variable)).map(VariableValue.Text::new);
  }

  /** Returns the environment that asks {@code fallback} for what this one does not define. */
  default Environment or(Environment fallback) {
    return variable -> find(variable).or(() -> fallback.find(variable));
  }

  /** Returns this environment with one variable set. */
  default Environment with(String name, VariableValue value) {
    return variable -> variable.equals(name) ? Optional.of(value) : find(variable);
  }
}
