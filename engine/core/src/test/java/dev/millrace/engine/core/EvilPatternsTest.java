package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: no rule that somebody writes, on no log that somebody prints, keeps the engine busy.
 * Method: patterns that make backtracking engines take for ever, each on a log made for it; what
 * must hold is that they come to an end at all, so the limit is far from what any machine needs.
 */
class EvilPatternsTest {
  private static final int CHARS = 200_000;

  private static final List<String> CORES =
      List.of(
          "(a+)+b",
          "(a*)*b",
          "(a|a)*b",
          "(a|aa)+b",
          "(.*)*b",
          "(.*a){12}b",
          "(a?){40}a{40}b",
          "([a-z]+)*[0-9]",
          "(\\w*)*\\d",
          "((a+)+)+b",
          "(a+a+)+b",
          "(.+)+\\d",
          "a*a*a*a*a*a*b",
          "(?:a|b|ab)*c",
          "(x+x+)+y",
          "(\\s*\\S*)*!",
          "([^b]*)*b",
          "(a.?)*b",
          "(aa?)*b",
          "(a|b|c|d|e|.)*z");

  private static Stream<String> patterns() {
    return CORES.stream()
        .flatMap(core -> Stream.of(core, "^" + core + "$", "(?i)" + core, "(?s).*" + core));
  }

  /** Such as are refused at once. */
  private static final List<String> REFUSED =
      List.of(
          "(a{1000}){1000}",
          "((a{30}){30}){30}",
          "(a)\\1",
          "(?=a)b",
          "(?<=a)b",
          "(?>a+)b",
          "a++b",
          "(?<n>a)\\k<n>",
          "[",
          "(",
          "a{2,1}");

  @Test
  @Timeout(60)
  void comeToAnEnd() {
    String log = "a".repeat(CHARS);
    List<String> ready = patterns().filter(p -> LogRule.problems(p, "x").isEmpty()).toList();

    for (String text : ready) {
      Pattern pattern = LogRule.compile(text);
      assertThat(pattern.matcher(log).find()).as(text).isFalse();
      assertThat(pattern.matches("b".repeat(40))).as(text).isIn(true, false);
    }
    assertThat(ready).hasSizeGreaterThanOrEqualTo(50);
  }

  @Test
  void whatOnlyBacktrackingCanMatchIsRefused() {
    assertThat(REFUSED)
        .allSatisfy(
            pattern ->
                assertThatThrownBy(() -> new LogRule(pattern, "x", 1))
                    .as(pattern)
                    .isInstanceOf(IllegalArgumentException.class));
  }

  /** Eight times the text costs the JDK's own engine more than a hundred times the work. */
  @Test
  void theMethodFindsAnEngineThatBacktracks() {
    java.util.regex.Pattern backtracking = java.util.regex.Pattern.compile("(.*)(.*)(.*)(.*)b");
    long few = steps(backtracking, 10);
    long more = steps(backtracking, 80);

    assertThat(more).isGreaterThan(100 * few);
  }

  /** How often a text is looked at. */
  private static long steps(java.util.regex.Pattern pattern, int length) {
    long[] looks = new long[1];
    CharSequence counted =
        new CharSequence() {
          @Override
          public int length() {
            return length;
          }

          @Override
          public char charAt(int index) {
            looks[0]++;
            return 'a';
          }

          @Override
          public CharSequence subSequence(int start, int end) {
            return "a".repeat(end - start);
          }

          @Override
          public String toString() {
            return "a".repeat(length);
          }
        };
    assertThat(pattern.matcher(counted).find()).isFalse();
    return looks[0];
  }
}
