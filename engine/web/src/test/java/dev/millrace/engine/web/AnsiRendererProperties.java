package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whatever a build prints, what reaches the page is ours. */
class AnsiRendererProperties {
  private static final List<String> PIECES =
      List.of(
          "\u001b",
          "\u001b[",
          "\u001b[31m",
          "\u001b[0m",
          "\u001b[1;4;7m",
          "\u001b[38;5;1m",
          "\u001b[38;2;1m",
          "\u001b[999999999999m",
          "\u001b]8;;",
          "\u001b]8;;https://e.org/\u0007",
          "\u001b]8;;javascript:alert(1)\u0007",
          "\u001b\\",
          "\u0007",
          "\u009c",
          "\u009b31m",
          "<",
          ">",
          "\"",
          "'",
          "&",
          "&lt;",
          "<script>",
          "</span>",
          "</a>",
          "<a href=\"x\">",
          "\r",
          "\t",
          "\u0000",
          "\u202e",
          "\u2066",
          "\u2028",
          "\ud800",
          "\udc00",
          "🐫",
          "é",
          "m",
          ";",
          "0",
          " ",
          "text",
          "https://e.org/");

  private static final Pattern TOKEN =
      Pattern.compile(
          "<span class=\"(?:[a-z]+(?:-[a-z]+)? ?)+\">|</span>"
              + "|<a rel=\"noopener noreferrer nofollow\" href=\"https?://[^\"'<>\\s]*\">|</a>"
              + "|&(?:lt|gt|amp|quot|#39);|[^<>\"'&]");

  /** Not to be found in a page: controls, separators, what reorders text, halves of characters. */
  private static final Pattern UNSAFE =
      Pattern.compile(
          "[\\p{Cntrl}&&[^\\t]]|[\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\\p{Cs}");

  private static String line(Random random, int size) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < size; i++) {
      line.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return line.toString();
  }

  @Test
  void everyLineIsOneWellFormedPieceOfOurOwnMarkup() {
    RandomTest.check(
        4_000,
        24,
        (random, size) -> {
          AnsiRenderer renderer = new AnsiRenderer();
          for (int i = 0; i < 3; i++) {
            String html = renderer.render(line(random, size));

            assertThat(UNSAFE.matcher(html).find()).as(html).isFalse();
            assertThat(UNSAFE.matcher(renderer.plain()).find()).as(renderer.plain()).isFalse();
            assertThat(text(html)).isEqualTo(renderer.plain());
          }
        });
  }

  /** Reads the HTML as strictly as it should be written; returns the text that it shows. */
  private static String text(String html) {
    StringBuilder text = new StringBuilder();
    Deque<String> open = new ArrayDeque<>();
    Matcher token = TOKEN.matcher(html);
    int at = 0;
    while (at < html.length()) {
      assertThat(token.find(at) && token.start() == at)
          .as("something else at %d in %s", at, html)
          .isTrue();
      String found = token.group();
      if (found.startsWith("</")) {
        assertThat(open.poll()).as(html).isEqualTo(found.substring(2, found.length() - 1));
      } else if (found.startsWith("<")) {
        open.push(found.startsWith("<a") ? "a" : "span");
      } else {
        text.append(unescape(found));
      }
      at = token.end();
    }
    assertThat(open).as(html).isEmpty();
    return text.toString();
  }

  private static String unescape(String found) {
    return switch (found) {
      case "&lt;" -> "<";
      case "&gt;" -> ">";
      case "&amp;" -> "&";
      case "&quot;" -> "\"";
      case "&#39;" -> "'";
      default -> found;
    };
  }
}
