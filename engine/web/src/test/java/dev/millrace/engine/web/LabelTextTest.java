package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LabelTextTest {
  @Test
  void keepsBeginningAndEnd() {
    assertThat(LabelText.shorten("debian-13-5.3_opam-2.3", 30)).isEqualTo("debian-13-5.3_opam-2.3");
    assertThat(LabelText.shorten("abcdefghij", 10)).isEqualTo("abcdefghij");
    assertThat(LabelText.shorten("abcdefghijk", 10)).isEqualTo("abcd…ghijk");
    assertThat(LabelText.shorten("", 5)).isEmpty();
  }

  @Test
  void cutsBetweenCharactersOnly() {
    String shortened = LabelText.shorten("🐫".repeat(20), 5);

    assertThat(shortened).isEqualTo("🐫🐫…🐫🐫");
  }

  @Test
  void marksWhatReordersOrHides() {
    assertThat(LabelText.visible("a\u202eb\u0000c\u200bd\ud800e\udb40\udc41\u007f"))
        .isEqualTo("aU+202Eb␀cU+200BdU+D800eU+E0041␡");
    assertThat(LabelText.visible("plain, é 漢 🐫\n\t")).isEqualTo("plain, é 漢 🐫\n\t");
    assertThat(LabelText.shorten("\u2066x", 30)).isEqualTo("U+2066x");
  }

  @Test
  void guessesWiderForWiderText() {
    assertThat(LabelText.width("mmmm", 13)).isGreaterThan(LabelText.width("llll", 13));
    assertThat(LabelText.width("漢字", 13)).isEqualTo(26);
    assertThat(LabelText.width("", 13)).isZero();
  }
}
