package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.opam.Formula.Partial;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: formulas are built, changed and decided as opam does it, with all that is odd about it. */
final class FormulaTest {
  /**
   * Reads a formula in reverse Polish: letters are atoms, {@code 0} is empty, {@code b} a block.
   */
  private static Formula<String> formula(String text) {
    Deque<Formula<String>> stack = new ArrayDeque<>();
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '0' -> stack.push(Formula.empty());
        case 'b' -> stack.push(Formula.block(stack.pop()));
        case '&' -> {
          Formula<String> right = stack.pop();
          stack.push(Formula.and(stack.pop(), right));
        }
        case '|' -> {
          Formula<String> right = stack.pop();
          stack.push(Formula.or(stack.pop(), right));
        }
        default -> stack.push(Formula.atom(text.substring(i, i + 1)));
      }
    }
    return stack.pop();
  }

  private static String negation(String atom) {
    return atom.startsWith("!") ? atom.substring(1) : "!" + atom;
  }

  @ParameterizedTest
  @CsvSource({
    "0, '', ''",
    "X, X, !X",
    "0X&, X, !X",
    "X0&, X, !X",
    "0X|, X, !X",
    "X0|, X, !X",
    "00&, '', ''",
    "0b, '', ''",
    "Xb, (X), (!X)",
    "XY&, X & Y, !X | !Y",
    "XY|, X | Y, !X & !Y",
    "XY|Z&, (X | Y) & Z, !X & !Y | !Z",
    "XY&Z|, X & Y | Z, (!X | !Y) & !Z",
    "XY|bZ&, (X | Y) & Z, (!X & !Y) | !Z",
    "0bX&Y0||, X | Y, !X & !Y"
  })
  void emptyPartsDisappearAndNegationGoesToTheAtoms(String text, String built, String negated) {
    Formula<String> formula = formula(text);

    assertThat(formula).hasToString(built);
    assertThat(formula.negate(FormulaTest::negation)).hasToString(negated);
    assertThat(formula.negate(FormulaTest::negation).negate(FormulaTest::negation))
        .isEqualTo(formula);
  }

  /** T is true, F is false, E becomes empty; other atoms stay. */
  @ParameterizedTest
  @CsvSource({
    "0, rest of , true",
    "T, true, true",
    "F, false, false",
    "E, rest of , true",
    "TF&, false, false",
    "FT&, false, false",
    "TT&, true, true",
    "TX&, rest of X, false",
    "XT&, rest of X, false",
    "FX&, false, false",
    "XF&, false, false",
    "XY&, rest of X & Y, false",
    "TF|, true, true",
    "FF|, false, false",
    "TX|, true, true",
    "XT|, true, true",
    "FX|, rest of X, false",
    "XF|, rest of X, false",
    "XY|, rest of X | Y, false",
    "XbY&b, rest of X & Y, false",
    "XTb&, rest of X, false",
    "EX|, rest of  | X, true",
    "EX&, rest of  & X, false",
    "EF|, rest of , true"
  })
  void partsThatAreKnownAreDecided(String text, String expected, boolean holds) {
    Partial<String> partial =
        formula(text)
            .evalPartially(
                atom ->
                    switch (atom) {
                      case "T" -> new Partial.True<>();
                      case "F" -> new Partial.False<>();
                      case "E" -> new Partial.Rest<>(Formula.empty());
                      default -> new Partial.Rest<>(Formula.atom(atom));
                    });

    assertThat(
            switch (partial) {
              case Partial.True<String> _ -> "true";
              case Partial.False<String> _ -> "false";
              case Partial.Rest<String>(var rest) -> "rest of " + rest;
            })
        .isEqualTo(expected.equals("rest of") ? "rest of " : expected);
    assertThat(formula(text).eval(atom -> atom.equals("T") || atom.equals("E"))).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource({"EX&, X", "EX|, X", "EE|, ''", "EbX|, X", "XEEb|&, X", "XYb&, X & (Y)"})
  void mappingBuildsAnew(String text, String expected) {
    assertThat(
            formula(text)
                .map(atom -> atom.equals("E") ? Formula.<String>empty() : Formula.atom(atom)))
        .hasToString(expected);
  }
}
