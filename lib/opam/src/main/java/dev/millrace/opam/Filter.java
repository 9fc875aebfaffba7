package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A condition over variables, evaluated to a boolean, a text, or undefined.
 *
 * <p>Comparisons turn both sides into texts and use the version order. Only a real boolean decides
 * a connection whose other side is undefined: {@code false & x} is false, {@code "false" & x} is
 * undefined.
 */
public sealed interface Filter {
  /** A literal boolean. */
  record Bool(boolean value) implements Filter {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** A literal text, which may refer to variables. */
  record Text(String value) implements Filter {
    @Override
    public String toString() {
      return OpamPrinter.quoted(value);
    }
  }

  /** A variable. */
  record Ident(Variable variable) implements Filter {
    @Override
    public String toString() {
      return variable.toString();
    }
  }

  /** A comparison. */
  record Compare(Relop op, Filter left, Filter right) implements Filter {
    @Override
    public String toString() {
      return tight(left) + " " + op + " " + tight(right);
    }
  }

  /** Both must hold. */
  record And(Filter left, Filter right) implements Filter {
    @Override
    public String toString() {
      return inAnd(left) + " & " + inAnd(right);
    }

    private static String inAnd(Filter filter) {
      return filter instanceof Or ? "(" + filter + ")" : filter.toString();
    }
  }

  /** At least one must hold. */
  record Or(Filter left, Filter right) implements Filter {
    @Override
    public String toString() {
      return left + " | " + right;
    }
  }

  /** It must not hold. */
  record Not(Filter inner) implements Filter {
    @Override
    public String toString() {
      return "!" + tight(inner);
    }
  }

  /** It must have a value. */
  record Defined(Filter inner) implements Filter {
    @Override
    public String toString() {
      return "?" + tight(inner);
    }
  }

  private static String tight(Filter filter) {
    return filter instanceof And || filter instanceof Or || filter instanceof Compare
        ? "(" + filter + ")"
        : filter.toString();
  }

  /** The result of an evaluation. */
  sealed interface Outcome {
    /** A boolean. */
    record Truth(boolean value) implements Outcome {}

    /** A text. */
    record Words(String value) implements Outcome {}

    /** Not known; {@code rest} is what must still be known. */
    record Undefined(Filter rest) implements Outcome {}
  }

  /** Returns the value; texts are expanded, with undefined variables in them as nothing. */
  default Outcome eval(Environment environment) {
    return reduce(environment, false);
  }

  /**
   * Returns the truth of the filter, or {@code otherwise} when it is undefined or neither {@code
   * true} nor {@code false}.
   */
  default boolean evalToBoolean(Environment environment, boolean otherwise) {
    return switch (eval(environment)) {
      case Outcome.Truth(var value) -> value;
      case Outcome.Words(var text) -> truth(text).orElse(otherwise);
      case Outcome.Undefined _ -> otherwise;
    };
  }

  /** Returns the value as a text; nothing when it is undefined. */
  default Optional<String> evalToText(Environment environment) {
    return switch (eval(environment)) {
      case Outcome.Truth(var value) -> Optional.of(Boolean.toString(value));
      case Outcome.Words(var text) -> Optional.of(text);
      case Outcome.Undefined _ -> Optional.empty();
    };
  }

  /**
   * Returns the part of the filter that the environment leaves open, as a filter to be evaluated
   * later. Whether a variable is defined is decided now.
   */
  default Filter evalPartially(Environment environment) {
    Outcome outcome = reduce(environment, true);
    return outcome instanceof Outcome.Undefined(var rest) ? rest : quoted(outcome);
  }

  private Outcome reduce(Environment environment, boolean partial) {
    Outcome outcome =
        switch (this) {
          case Bool(var value) -> new Outcome.Truth(value);
          case Text(var text) -> new Outcome.Words(text);
          case Ident(var variable) -> identifier(variable, environment, partial);
          case Compare compare -> compare(compare, environment, partial);
          case And(var left, var right) ->
              connect(left.reduce(environment, partial), right.reduce(environment, partial), false);
          case Or(var left, var right) ->
              connect(left.reduce(environment, partial), right.reduce(environment, partial), true);
          case Not(var inner) -> not(inner.reduce(environment, partial));
          case Defined(var inner) ->
              new Outcome.Truth(!(inner.reduce(environment, partial) instanceof Outcome.Undefined));
        };
    return outcome instanceof Outcome.Words(var text)
        ? expand(text, environment, partial)
        : outcome;
  }

  private static Outcome expand(String text, Environment environment, boolean partial) {
    if (!partial) {
      return new Outcome.Words(Interpolation.expand(text, environment));
    }
    return Interpolation.expandFully(text, environment)
        .<Outcome>map(Outcome.Words::new)
        .orElseGet(
            () ->
                new Outcome.Undefined(new Text(Interpolation.expandPartially(text, environment))));
  }

  private Outcome identifier(Variable variable, Environment environment, boolean partial) {
    Optional<VariableValue> value = variable.resolve(environment, partial);
    if (value.isPresent() && value.get() instanceof VariableValue.Bool(var bool)) {
      return new Outcome.Truth(bool);
    }
    return Interpolation.render(value)
        .<Outcome>map(Outcome.Words::new)
        .orElseGet(() -> new Outcome.Undefined(this));
  }

  private static Outcome compare(Compare compare, Environment environment, boolean partial) {
    Outcome left = compare.left().reduce(environment, partial);
    Outcome right = compare.right().reduce(environment, partial);
    if (left instanceof Outcome.Undefined || right instanceof Outcome.Undefined) {
      return new Outcome.Undefined(new Compare(compare.op(), quoted(left), quoted(right)));
    }
    int order = VersionOrder.compare(textOf(left), textOf(right));
    return new Outcome.Truth(compare.op().holds(order));
  }

  /** Connects by OR when {@code absorbing}, else by AND. */
  private static Outcome connect(Outcome left, Outcome right, boolean absorbing) {
    var absorbed = new Outcome.Truth(absorbing);
    if (left.equals(absorbed) || right.equals(absorbed)) {
      return absorbed;
    }
    Optional<Boolean> l = truthOf(left);
    Optional<Boolean> r = truthOf(right);
    if (l.isPresent() && r.isPresent()) {
      return new Outcome.Truth(absorbing ? l.get() || r.get() : l.get() && r.get());
    }
    Filter a = quoted(left);
    Filter b = quoted(right);
    return new Outcome.Undefined(absorbing ? new Or(a, b) : new And(a, b));
  }

  private static Outcome not(Outcome inner) {
    return truthOf(inner)
        .<Outcome>map(value -> new Outcome.Truth(!value))
        .orElseGet(() -> new Outcome.Undefined(new Not(quoted(inner))));
  }

  private static String textOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Truth(var value) -> Boolean.toString(value);
      case Outcome.Words(var text) -> text;
      case Outcome.Undefined(var rest) ->
          throw new IllegalStateException("No text for the undefined " + rest);
    };
  }

  private static Optional<Boolean> truthOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Truth(var value) -> Optional.of(value);
      case Outcome.Words(var text) -> truth(text);
      case Outcome.Undefined _ -> Optional.empty();
    };
  }

  /** Returns the filter that evaluates to the outcome. */
  private static Filter quoted(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Truth(var value) -> new Bool(value);
      case Outcome.Words(var text) -> new Text(Interpolation.escape(text));
      case Outcome.Undefined(var rest) -> rest;
    };
  }

  /** Returns the boolean that a text spells. */
  static Optional<Boolean> truth(String text) {
    return switch (text) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** Returns the variables of the filter, those in its texts included, left to right. */
  default List<Variable> variables() {
    var variables = new ArrayList<Variable>();
    forEachVariable(variables::add);
    return List.copyOf(variables);
  }

  private void forEachVariable(Consumer<Variable> visitor) {
    switch (this) {
      case Bool _ -> {}
      case Text(var text) -> Interpolation.variables(text).forEach(visitor);
      case Ident(var variable) -> visitor.accept(variable);
      case Compare(_, var left, var right) -> visitBoth(left, right, visitor);
      case And(var left, var right) -> visitBoth(left, right, visitor);
      case Or(var left, var right) -> visitBoth(left, right, visitor);
      case Not(var inner) -> inner.forEachVariable(visitor);
      case Defined(var inner) -> inner.forEachVariable(visitor);
    }
  }

  private static void visitBoth(Filter left, Filter right, Consumer<Variable> visitor) {
    left.forEachVariable(visitor);
    right.forEachVariable(visitor);
  }
}
