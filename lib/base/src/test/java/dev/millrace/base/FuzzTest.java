package dev.millrace.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Goal: bugs of the kinds that parsers have are found, and reported with a short text. */
class FuzzTest {
  private static final Fuzz LISTS = Fuzz.of("lists", "[1,2,[3]]", "[]", "[10]");

  /** Reads lists of numbers; refuses what is none. */
  private static int read(String text, int at) {
    if (at < text.length() && text.charAt(at) == '[') {
      return read(text, at + 1);
    }
    if (at >= text.length()) {
      throw new IllegalArgumentException("It ends too soon");
    }
    return at;
  }

  @Test
  void aParserThatRefusesAsDeclaredIsLeftInPeace() {
    assertThatCode(
            () ->
                LISTS.run(
                    text -> {
                      try {
                        int _ = read(text, 0);
                      } catch (IllegalArgumentException e) {
                        // As declared.
                      }
                    }))
        .doesNotThrowAnyException();
  }

  @Test
  void anUndeclaredExceptionIsFound() {
    assertThatThrownBy(
            () ->
                LISTS.run(
                    text ->
                        assertThat(text.charAt(text.indexOf('[') + 1))
                            .isGreaterThanOrEqualTo('\0')))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("replay: -Dmillrace.seed=")
        .hasMessageContaining("StringIndexOutOfBoundsException")
        .hasMessageMatching("(?s).* on \"(|\\[)\"");
  }

  @Test
  void aWrongAnswerIsFound() {
    assertThatThrownBy(
            () ->
                LISTS.run(
                    text -> {
                      if (text.contains("]]]")) {
                        throw new AssertionError("three");
                      }
                    }))
        .hasMessageEndingWith("three on \"]]]\"");
  }
}
