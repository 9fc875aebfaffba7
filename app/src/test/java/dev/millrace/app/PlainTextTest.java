package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\u001b[01;31merror\u001b[0m: x|error: x",
        "\u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u001b\\|link",
        "\u001b]0;title\u0007text|text",
        "\u001bPq#0\u001b\\after|after",
        "\u001bcreset|reset",
        "progress 1%\rprogress 99%|progress 99%",
        "windows\r|windows",
        "a\u202eb\u0008c\u009b31md|abc31md",
        "unfinished \u001b|unfinished",
        "tab\there|tab\there"
      })
  void keepsTheTextAndNothingThatSteersATerminal(String line, String expected) {
    assertThat(PlainText.of(line).stripTrailing()).isEqualTo(expected);
  }
}
