package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: openings without a close are found (45) that opam's own expression finds. */
final class InterpolationProperties {
  /** What opam 2.3 looks for; we look by hand, since an expression would recur. */
  private static final Pattern REFERENCE = Pattern.compile("%%|%\\{[^}\n]*(}%)?");

  private static final String CHARACTERS = "%%%{{}}a?:+\n ";

  private static boolean isUnclosedByExpression(String text) {
    Matcher matcher = REFERENCE.matcher(text);
    while (matcher.find()) {
      if (!matcher.group().equals("%%") && matcher.group(1) == null) {
        return true;
      }
    }
    return false;
  }

  @Test
  void anOpeningWithoutACloseIsFoundInAnyText() {
    RandomTest.check(
        2_000,
        12,
        (random, size) -> {
          StringBuilder text = new StringBuilder();
          for (int i = 0; i < size; i++) {
            text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
          }

          assertThat(Interpolation.isUnclosed(text.toString()))
              .as("%s", text)
              .isEqualTo(isUnclosedByExpression(text.toString()));
        });
  }

  @ParameterizedTest
  @CsvSource({
    "'', false",
    "a, false",
    "%{a}%, false",
    "%%{a, false",
    "%%%{a, true",
    "%{a, true",
    "%{, true",
    "%{a}, true",
    "%{a}b}%, true",
    "'%{a\n}%', true",
    "%{a}%%{b, true",
    "%{a}%{b, false",
    "%{a %{b}%, false",
    "%a}% %, false"
  })
  void anOpeningWithoutACloseIsFound(String text, boolean unclosed) {
    assertThat(Interpolation.isUnclosed(text)).isEqualTo(unclosed);
  }
}
