package dev.millrace.sexp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SexpTest {
  @Test
  void readsAtomsAndLists() {
    Sexp sexp = Sexp.parse("(a (b \"c d\") () C:\\Users\\x)");

    assertThat(sexp)
        .isEqualTo(
            Sexp.list(
                Sexp.atom("a"),
                Sexp.list(Sexp.atom("b"), Sexp.atom("c d")),
                Sexp.list(),
                Sexp.atom("C:\\Users\\x")));
  }

  @Test
  void leavesComments() {
    assertThat(Sexp.parse("(a ; b\n #;(c #;d e) #| f #| \"|#\" |# |# g)").render())
        .isEqualTo("(a g)");
    assertThat(Sexp.parse("(#;#;a b c)").render()).isEqualTo("(c)");
  }

  @Test
  void readsEscapes() {
    assertThat(Sexp.parse("\"a\\\\\\\"\\'\\n\\t\\b\\r\\ \\065\\x42\\q\\\n   z\n\""))
        .isEqualTo(Sexp.atom("a\\\"'\n\t\b\r AB\\qz\n"));
  }

  @Test
  void readsBytesOfUtf8AsTheLetter() {
    assertThat(Sexp.parse("\"\\195\\169\"")).isEqualTo(Sexp.parse("é"));
    assertThat(Sexp.parse("é").render()).isEqualTo("\"\\195\\169\"");
  }

  @Test
  void machineFormHasSpacesBetweenBareAtomsOnly() {
    assertThat(Sexp.parse("(a b \"c d\" e (f) g \"\" \"\")").render())
        .isEqualTo("(a b\"c d\"e(f)g\"\"\"\")");
  }

  @Test
  void quotesWhatMustBeQuoted() {
    for (String text : new String[] {"", " ", "a\"b", "(", ")", "a;", "\\", "\n", "a#|b", "|#"}) {
      assertThat(Sexp.atom(text).render()).startsWith("\"").endsWith("\"");
      assertThat(Sexp.parse(Sexp.atom(text).render())).isEqualTo(Sexp.atom(text));
    }
    assertThat(Sexp.atom("a#b|c").render()).isEqualTo("a#b|c");
  }

  @Test
  void linesOfAnAtomAreLinedUp() {
    assertThat(Sexp.parse("(x \"a\nb\nc\" d)").renderSpaced(2))
        .isEqualTo("(x  \"a\\\n     \\nb\\\n     \\nc\" d)");
    assertThat(Sexp.parse("(x \"a\n\")").renderSpaced(0)).isEqualTo("(x \"a\\n\")");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "(a!1:1: this parenthesis is never closed",
        "(a))!1:4: \")\" without its \"(\"",
        "a b!1:3: more than one S-expression",
        "\"a!1:1: this string is never closed",
        "(\"\\300\")!1:4: the escape \"\\300\" must be at most \"\\255\"",
        "(\"\\255\")!1:2: the escapes of this string do not make UTF-8 text",
        "(a#|b)!1:3: \"#|\" and \"|#\" must be quoted inside an atom",
        "(a #;)!1:6: \"#;\" without an S-expression to leave out",
        "#| a!1:1: this comment is never closed",
      })
  void saysWhereAndWhat(String text, String message) {
    assertThatThrownBy(() -> Sexp.parse(text))
        .isInstanceOf(SexpException.class)
        .hasMessage(message);
  }

  @Test
  void saysThatThereIsNothing() {
    assertThatThrownBy(() -> Sexp.parse("; only\n"))
        .hasMessage("2:1: expected an S-expression, found nothing");
  }

  @Test
  void refusesToNestTooDeep() {
    assertThatThrownBy(() -> Sexp.parse("(".repeat(1_000_000)))
        .isInstanceOf(SexpException.class)
        .hasMessage("1:1001: nested deeper than 1000");
  }

  @Test
  void knowsWhereThingsAre() {
    Sexp.Group group = (Sexp.Group) Sexp.parse("(a\n  b)");

    assertThat(group.items().get(1).location()).isEqualTo(new Location(2, 3));
  }
}
