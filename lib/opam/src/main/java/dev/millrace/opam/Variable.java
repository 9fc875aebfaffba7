package dev.millrace.opam;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A reference to a variable: {@code var}, {@code pkg:var}, {@code _:var} (the package itself),
 * {@code p1+p2:var} (of all of them), each perhaps with {@code ?yes:no} to turn a truth value into
 * a text.
 */
public record Variable(List<String> packages, String name, Optional<Choice> choice) {
  /** What a truth value turns into. */
  public record Choice(String ifTrue, String ifFalse) {}

  /** Copies the packages. */
  public Variable {
    packages = List.copyOf(packages);
  }

  /** Returns the reference that is written so, in a filter or between {@code %{} and {@code }%}. */
  static Variable parse(String text) {
    if (text.startsWith("?") && text.endsWith(":") && text.length() > 2) {
      return plain(text.substring(1, text.length() - 1));
    }
    int last = text.lastIndexOf(':');
    if (last < 0) {
      return new Variable(List.of(), text, Optional.empty());
    }
    String before = text.substring(0, last);
    String after = text.substring(last + 1);
    int question = before.lastIndexOf('?');
    if (question < 0) {
      return new Variable(split(before), after, Optional.empty());
    }
    var choice = new Choice(before.substring(question + 1), after);
    String variable = before.substring(0, question);
    int colon = variable.lastIndexOf(':');
    return new Variable(
        colon < 0 ? List.of() : split(variable.substring(0, colon)),
        variable.substring(colon + 1),
        Optional.of(choice));
  }

  /** Reads {@code pkg:var} with a plus sign that belongs to the package's name. */
  private static Variable plain(String text) {
    int colon = text.lastIndexOf(':');
    return colon < 0
        ? new Variable(List.of(), text, Optional.empty())
        : new Variable(
            List.of(text.substring(0, colon)), text.substring(colon + 1), Optional.empty());
  }

  private static List<String> split(String packages) {
    return Arrays.asList(packages.split("\\+", -1));
  }

  /**
   * Returns the value in an environment.
   *
   * @param partial whether undefined is an answer; if not, a choice decides for its second text
   */
  Optional<VariableValue> resolve(Environment environment, boolean partial) {
    boolean enable = !packages.isEmpty() && name.equals("enable") && choice.isEmpty();
    String variable = enable ? "installed" : name;
    Optional<VariableValue> value = lookUp(environment, variable);
    Optional<Choice> conversion = enable ? Optional.of(new Choice("enable", "disable")) : choice;
    if (conversion.isEmpty()) {
      return value;
    }
    Optional<Boolean> truth = value.flatMap(Variable::truth);
    if (truth.isEmpty() && partial) {
      return value;
    }
    Choice texts = conversion.get();
    return Optional.of(
        new VariableValue.Text(truth.orElse(false) ? texts.ifTrue() : texts.ifFalse()));
  }

  private Optional<VariableValue> lookUp(Environment environment, String variable) {
    if (packages.isEmpty()) {
      return environment.find(variable);
    }
    if (packages.size() == 1) {
      return environment.find(packages.getFirst() + ":" + variable);
    }
    Optional<Boolean> all = Optional.of(true);
    for (String packageName : packages) {
      Optional<Boolean> one =
          environment.find(packageName + ":" + variable).flatMap(Variable::truth);
      if (one.isEmpty() || !one.get()) {
        all = one;
      }
      if (one.isPresent() && !one.get()) {
        break;
      }
    }
    return all.map(VariableValue.Bool::new);
  }

  private static Optional<Boolean> truth(VariableValue value) {
    return switch (value) {
      case VariableValue.Bool(var bool) -> Optional.of(bool);
      case VariableValue.Text(var text) -> Filter.truth(text);
      case VariableValue.Words(var words) ->
          words.size() == 1 ? Filter.truth(words.getFirst()) : Optional.empty();
    };
  }

  @Override
  public String toString() {
    return (packages.isEmpty() ? "" : String.join("+", packages) + ":")
        + name
        + choice.map(c -> "?" + c.ifTrue() + ":" + c.ifFalse()).orElse("");
  }
}
