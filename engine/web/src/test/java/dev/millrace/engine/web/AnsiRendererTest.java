package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnsiRendererTest {
  private static final String ESC = "\u001b";

  private static String render(String line) {
    return new AnsiRenderer().render(line);
  }

  @Test
  void markupIsText() {
    assertThat(render("<script>alert('x')</script> & \"q\""))
        .isEqualTo("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;");
  }

  @ParameterizedTest
  @CsvSource({
    "31, f-r",
    "91, f-r",
    "32, f-g",
    "33, f-y",
    "34, f-bl",
    "35, f-m",
    "36, f-c",
    "90, f-gr",
    "1, a-b",
    "3, a-i",
    "4, a-u",
    "9, a-s",
    "7, rev",
    "01;34, a-b f-bl",
    "38;5;196, f-r",
    "38;2;20;200;30, f-g",
    "41, b-r f-k",
    "48;5;21, b-bl f-k",
    "2, f-gr"
  })
  void stylesBecomeClasses(String parameters, String classes) {
    assertThat(render(ESC + "[" + parameters + "mx" + ESC + "[0my"))
        .isEqualTo("<span class=\"" + classes + "\">x</span>y");
  }

  @Test
  void coloursGoOnInTheNextLine() {
    AnsiRenderer renderer = new AnsiRenderer();

    assertThat(renderer.render(ESC + "[31mred")).isEqualTo("<span class=\"f-r\">red</span>");
    assertThat(renderer.render("still")).isEqualTo("<span class=\"f-r\">still</span>");
    assertThat(renderer.render(ESC + "cgone")).isEqualTo("<span class=\"f-r\"></span>gone");
  }

  @Test
  void skimmingFollowsTheSameStyles() {
    AnsiRenderer rendered = new AnsiRenderer();
    AnsiRenderer skimmed = new AnsiRenderer();
    for (String line :
        new String[] {
          "a" + ESC + "[1;31mb", ESC + "]8;;http://e/\u0007" + ESC + "[4m", ESC + "["
        }) {
      String _ = rendered.render(line);
      skimmed.skim(line);
    }

    assertThat(skimmed.style()).isEqualTo(rendered.style());
  }

  @Test
  void aCarriageReturnStartsTheLineAnew() {
    assertThat(render("10%\r20%\r100%\r")).isEqualTo("100%");
  }

  @Test
  void movementsAreDropped() {
    assertThat(render("a" + ESC + "[2Kb" + ESC + "[10;20Hc" + ESC + "(Bd" + ESC + "]0;t\u0007e"))
        .isEqualTo("abcde");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[31", "]8;;http://example.org/", "P1;2", "[", "", "]0;title"})
  void whatDoesNotEndIsShown(String start) {
    AnsiRenderer renderer = new AnsiRenderer();

    String html = renderer.render(ESC + start);

    assertThat(html).startsWith("<span class=\"ctl\">␛</span>");
    assertThat(renderer.plain()).isEqualTo("␛" + start);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "file:///x",
        "//evil.example/", "/relative", "http:", "http:///x", "https://user:pw@example.org/",
        "http://exa\"mple.org/", "https://example.org/<script>", "ht\ttp://example.org/",
            "https://example.org/\ud800"
      })
  void otherAddressesAreNoLinks(String address) {
    String html = render(ESC + "]8;;" + address + "\u0007text" + ESC + "]8;;\u0007");

    assertThat(html).doesNotContain("<a ").contains("text");
  }

  @Test
  void addressesOfTheWebAreLinks() {
    assertThat(
            render(
                ESC
                    + "]8;id=1;https://example.org/?a=1&b='"
                    + ESC
                    + "\\text"
                    + ESC
                    + "]8;;"
                    + ESC
                    + "\\."))
        .isEqualTo(
            "<a rel=\"noopener noreferrer nofollow\" href=\"https://example.org/?a=1&amp;b=&#39;\">text</a>.");
  }

  @Test
  void whatReordersOrHidesTextIsShown() {
    assertThat(render("a\u202eb\u2066c\u200bd\u0000e\u0085f\ud800g\udb40\udc41h"))
        .isEqualTo(
            "a<span class=\"ctl\">U+202E</span>b<span class=\"ctl\">U+2066</span>c<span"
                + " class=\"ctl\">U+200B</span>d<span class=\"ctl\">␀</span>e<span"
                + " class=\"ctl\">U+0085</span>f<span class=\"ctl\">U+D800</span>g<span"
                + " class=\"ctl\">U+E0041</span>h");
  }
}
