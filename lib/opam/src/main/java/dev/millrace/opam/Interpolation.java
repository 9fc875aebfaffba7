package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The expansion of {@code %{variable}%} in strings; {@code %%} stands for one percent sign. An
 * opening without a close stays as it is.
 */
public final class Interpolation {
  private Interpolation() {}

  /** Returns the text with every variable replaced by its value, undefined ones by nothing. */
  public static String expand(String text, Environment environment) {
    return replace(
        text,
        "%",
        reference -> render(Variable.parse(reference).resolve(environment, false)).orElse(""));
  }

  /** Returns the expanded text; nothing when one of its variables is undefined. */
  static Optional<String> expandFully(String text, Environment environment) {
    boolean defined =
        variables(text).stream().allMatch(v -> v.resolve(environment, true).isPresent());
    return defined ? Optional.of(expand(text, environment)) : Optional.empty();
  }

  /** Returns the text with known variables replaced, such that it can be expanded again. */
  static String expandPartially(String text, Environment environment) {
    return replace(
        text,
        "%%",
        reference ->
            render(Variable.parse(reference).resolve(environment, true))
                .map(Interpolation::escape)
                .orElse("%{" + reference + "}%"));
  }

  /** Returns the text with the same meaning when expanded. */
  static String escape(String text) {
    return text.replace("%", "%%");
  }

  /** Returns the variables that a text refers to, in order. */
  public static List<Variable> variables(String text) {
    var variables = new ArrayList<Variable>();
    replace(
        text,
        "%",
        reference -> {
          variables.add(Variable.parse(reference));
          return "";
        });
    return List.copyOf(variables);
  }

  /** Returns the text with each reference, between {@code %{} and {@code }%}, replaced. */
  static String replace(String text, String percent, Function<String, String> replacement) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    var result = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      if (text.startsWith("%%", i)) {
        result.append(percent);
        i += 2;
      } else if (text.startsWith("%{", i)) {
        int end = contentEnd(text, i + 2);
        boolean closed = text.startsWith("}%", end);
        result.append(
            closed ? replacement.apply(text.substring(i + 2, end)) : text.substring(i, end));
        i = closed ? end + 2 : end;
      } else {
        result.append(text.charAt(i++));
      }
    }
    return result.toString();
  }

  /** Says whether an opening has no close before the next brace or the end of its line. */
  static boolean isUnclosed(String text) {
    int i = text.indexOf('%');
    while (i >= 0) {
      if (text.startsWith("%{", i)) {
        i = braceOrLineEnd(text, i + 2);
        if (!text.startsWith("}%", i)) {
          return true;
        }
        i += 2;
      } else {
        i += text.startsWith("%%", i) ? 2 : 1;
      }
      i = text.indexOf('%', i);
    }
    return false;
  }

  private static int braceOrLineEnd(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) != '}' && text.charAt(i) != '\n') {
      i++;
    }
    return i;
  }

  /** Says whether a text is one reference, with or without its close, or one percent sign. */
  static boolean isWhole(String text) {
    if (!text.startsWith("%{")) {
      return text.equals("%%");
    }
    int end = contentEnd(text, 2);
    return end == text.length() || (end == text.length() - 2 && text.startsWith("}%", end));
  }

  private static int contentEnd(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) != '\n') {
      if (text.charAt(i) == '}') {
        if (text.startsWith("}%", i) || text.startsWith("}\n", i)) {
          return i;
        }
        i++;
      }
      i++;
    }
    return Math.min(i, text.length());
  }

  static Optional<String> render(Optional<VariableValue> value) {
    return value.map(
        known ->
            switch (known) {
              case VariableValue.Bool(var bool) -> Boolean.toString(bool);
              case VariableValue.Text(var string) -> string;
              case VariableValue.Words(var words) -> String.join(" ", words);
            });
  }
}
