package dev.millrace.opam;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A command of {@code build:} and its like: arguments, any of which may have a filter. */
public record OpamCommand(List<Filtered<Argument>> arguments, Optional<Filter> filter) {
  /** An argument. */
  public sealed interface Argument {
    /** A string, expanded; undefined variables in it are empty. */
    record Text(String value) implements Argument {}

    /** A variable; undefined ones are the empty text. */
    record Ident(Variable variable) implements Argument {}
  }

  /** Copies the arguments. */
  public OpamCommand {
    arguments = List.copyOf(arguments);
  }

  /** Returns the arguments to run; nothing where the filter is not true or none remains. */
  public Optional<List<String>> expand(Environment environment) {
    if (!filter.map(f -> f.evalToBoolean(environment, false)).orElse(true)) {
      return Optional.empty();
    }
    List<String> words =
        arguments.stream()
            .filter(argument -> argument.counts(environment))
            .flatMap(argument -> words(argument.value(), environment))
            .toList();
    return words.isEmpty() ? Optional.empty() : Optional.of(words);
  }

  private static Stream<String> words(Argument argument, Environment environment) {
    return switch (argument) {
      case Argument.Text(var text) -> Stream.of(Interpolation.expand(text, environment));
      case Argument.Ident(var variable) -> {
        Optional<VariableValue> value = variable.resolve(environment, false);
        yield value.isPresent() && value.get() instanceof VariableValue.Words(var words)
            ? words.stream()
            : Stream.of(Interpolation.render(value).orElse(""));
      }
    };
  }
}
