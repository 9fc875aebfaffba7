package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Goal: nothing that a build prints or a browser sends does anything but what is declared (F1). */
class ParserFuzzTest {
  private static final String ESC = "\u001b";
  private static final Pattern TAG =
      Pattern.compile(
          "<(?:(span) class=\"[a-z0-9 -]+\"|(a) [^<>]*href=\"https?://[^<>\"]*\"[^<>]*|/(span|a))>");

  @Test
  void whatABuildPrintsBecomesWellFormedPages() {
    Fuzz.of(
            "terminal output",
            "plain <b>&amp;\" text",
            ESC + "[1;31mred" + ESC + "[0m and " + ESC + "[38;5;200mpink" + ESC + "[48;2;1;2;3m",
            ESC + "]8;;https://example.org/a?b=\"c\"" + ESC + "\\link" + ESC + "]8;;" + ESC + "\\",
            ESC + "]8;;javascript:alert(1)\u0007x" + ESC + "]8;;\u0007",
            "progress 10%\rprogress 20%\r\r",
            ESC + "[2J" + ESC + "(B" + ESC + "P1$r" + ESC + "\\" + ESC + "[99999999999m",
            "\u202eevil\u2066 \u009b31m \u0000")
        .run(
            line -> {
              String html = new AnsiRenderer().render(line);
              assertWellFormed(html);
            });
  }

  /** Only our elements, each closed in its turn, and no character that a terminal would obey. */
  private static void assertWellFormed(String html) {
    assertThat(html).doesNotContainPattern("[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u202a-\\u202e]");
    Deque<String> open = new ArrayDeque<>();
    Matcher tag = TAG.matcher(html);
    StringBuilder text = new StringBuilder();
    int end = 0;
    while (tag.find()) {
      text.append(html, end, tag.start());
      end = tag.end();
      if (tag.group(3) == null) {
        open.push(tag.group(1) == null ? "a" : "span");
      } else {
        assertThat(open.poll()).as(html).isEqualTo(tag.group(3));
      }
    }
    text.append(html.substring(end));
    assertThat(open).as(html).isEmpty();
    assertThat(text).doesNotContain("<").doesNotContain(">");
  }

  @Test
  void aTableOfRulesIsReadOrHasProblems() {
    Fuzz.of(
            "tables of log rules",
            "pattern,report,score\r\nerror: (.*),it failed: \\1,10\r\n",
            "pattern,report,score\n\"a,\"\"b\"\"\",\"two\nlines\",-3\n",
            "\ufeffpattern,report,score\na,b,+1",
            "pattern,report,score\na,b\n\"",
            "")
        .run(
            text -> {
              RuleTable.Read read = RuleTable.read(text);
              if (read.problems().isEmpty()) {
                assertThat(RuleTable.read(RuleTable.write(read.rules()))).isEqualTo(read);
              }
            });
  }

  @Test
  void aQueryIsReadOrTheUsersMistake() {
    Fuzz.of(
            "queries",
            "a=1&b=%20x&a=%c3%a9",
            "op=build&ok=true&date=2026-03-04",
            "date=2026-03&ok=0",
            "%",
            "=&&==")
        .run(
            text -> {
              try {
                Parameters read = Parameters.parse(text);
                Parameters again = Parameters.parse(read.query().replaceFirst("^\\?", ""));
                assertThat(again.query()).isEqualTo(read.query());
                Parameters _ = OldQuery.translate(read);
              } catch (PageException e) {
                assertThat(e).hasMessageMatching("(?s).+");
              }
            });
  }

  @Test
  void aCookieIsOneOfThoseThatTheBrowserSent() {
    Fuzz.of(
            "cookies",
            "__session=abc_-1; theme=dark",
            "theme=light;__session=\"quoted\"; __session=second",
            "__session; =; ==__session=;__Session=x",
            " __session = spaced ;; __Host-session=y",
            "x__session=no; __session",
            "__session\u2028=not ours; __session\u00a0=neither")
        .run(
            header -> {
              Optional<String> found = Exchange.cookie(header, "__session");
              List<String> sent =
                  Arrays.stream(header.split(";", -1))
                      .map(String::trim)
                      .filter(pair -> pair.matches("(?s)__session[\\x00-\\x20]*=.*"))
                      .map(pair -> pair.substring(pair.indexOf('=') + 1).trim())
                      .toList();
              assertThat(found).isEqualTo(sent.stream().findFirst());
            });
  }

  @Test
  void aFormWithFilesIsReadOrTheUsersMistake() {
    String part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n";
    Fuzz.of("forms with files", part + part + "--x--\r\n", part, "--x--", "")
        .run(
            text -> {
              try {
                Parameters _ =
                    Multipart.parse(
                        "multipart/form-data; boundary=x", text.getBytes(StandardCharsets.UTF_8));
              } catch (PageException e) {
                assertThat(e).hasMessageMatching("(?s).+");
              }
            });
  }

  @Test
  void anAddressOfThisSiteLeadsNowhereElse() {
    Fuzz.of("addresses", "/jobs?x=1", "//evil.example", "/\\evil.example", "/a\nb", "")
        .run(
            text -> {
              if (Exchange.isLocal(text)) {
                assertThat(text).startsWith("/").doesNotContain("\n").doesNotContain("\\");
                assertThat(text.startsWith("//")).isFalse();
              }
            });
  }
}
