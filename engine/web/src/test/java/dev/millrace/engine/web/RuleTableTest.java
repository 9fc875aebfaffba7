package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.LogRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleTableTest {
  @Test
  void whatIsWrittenIsReadAgain() {
    List<LogRule> rules =
        List.of(
            new LogRule("[\\n]a, \"b\"", "says \"\\1\",\nthen more", -3),
            new LogRule(" spaces ", "été ⏎", 100),
            new LogRule("plain", "r", 0));

    RuleTable.Read read = RuleTable.read(RuleTable.write(rules));

    assertThat(read.problems()).isEmpty();
    assertThat(read.rules()).isEqualTo(rules);
  }

  @Test
  void writesTheFormatOfTheOriginals() {
    assertThat(RuleTable.write(List.of(new LogRule("a \"b\"", "x, y", 5))))
        .isEqualTo("pattern,report,score\r\n\"a \"\"b\"\"\",\"x, y\",5\r\n");
  }

  @Test
  void readsWhatOtherProgramsWrite() {
    RuleTable.Read read =
        RuleTable.read("\ufeffpattern,report,score\n\"a\",b,+1\n\r\nc,\"d\ne\", 2");

    assertThat(read.problems()).isEmpty();
    assertThat(read.rules()).containsExactly(new LogRule("a", "b", 1), new LogRule("c", "d\ne", 2));
  }

  @Test
  void allThatIsWrongIsSaidWithItsLine() {
    RuleTable.Read read =
        RuleTable.read("pattern,report,score\n\"a\nb\",r,1\nc,r\n(,r,x\nok,r,1\n");

    assertThat(read.problems())
        .containsExactly(
            "Line 4: there must be 3 fields, but are 2.",
            "Line 5: The pattern \"(\" is no regular expression of RE2: missing closing ).",
            "Line 5: The score must be a whole number of at most 9 digits, but is \"x\".");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|Line 1: the table must begin with the head \"pattern,report,score\".",
        "a,b,1|Line 1: the table must begin with the head \"pattern,report,score\".",
        "pattern,report,score⏎\"a,b,1|Line 2: the quotation mark that opens here is not closed.",
        "pattern,report,score⏎\"a\"b,c,1|Line 2: nothing may come after a closing quotation mark."
      })
  void aTableThatIsNoneIsRefused(String text, String problem) {
    assertThat(RuleTable.read(text.replace("⏎", "\n")).problems()).contains(problem);
  }
}
