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
  void guessesWiderForWiderText() {
    assertThat(LabelText.width("mmmm", 13)).isGreaterThan(LabelText.width("llll", 13));
    assertThat(LabelText.width("漢字", 13)).isEqualTo(26);
    assertThat(LabelText.width("", 13)).isZero();
  }
}
