package dev.millrace.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlainTextTest {
  // Not a CSV source: that strips control characters from the ends.
  static Stream<Arguments> lines() {
    return Stream.of(
        Arguments.of("\u001b[01;31merror\u001b[0m: x", "error: x"),
        Arguments.of("\u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u001b\\", "link"),
        Arguments.of("\u001b]0;title\u0007text", "text"),
        Arguments.of("\u001bPq#0\u001b\\after", "after"),
        Arguments.of("\u001bcreset", "reset"),
        Arguments.of("progress 1%\rprogress 99%", "progress 99%"),
        Arguments.of("windows\r", "windows"),
        Arguments.of("a\u202eb\u0008c\u009b31md", "abc31md"),
        Arguments.of("unfinished \u001b", "unfinished"),
        Arguments.of("tab\there", "tab\there"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void keepsTheTextAndNothingThatSteersATerminal(String line, String expected) {
    assertThat(PlainText.of(line).stripTrailing()).isEqualTo(expected);
  }
}
