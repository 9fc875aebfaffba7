package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OpamSyntaxTest {
  private static List<Item> parse(String text) {
    return OpamSyntax.parse(text.getBytes(StandardCharsets.ISO_8859_1), "x.opam");
  }

  private static Value value(String text) {
    return ((Item.Field) parse("f: " + text).getFirst()).value();
  }

  private static String string(String literal) {
    return ((Value.Str) value(literal)).value();
  }

  /** Shows how a value was understood, with all its parentheses. */
  private static String shape(Value value) {
    return switch (value) {
      case Value.LogopOf(var op, var left, var right, _) ->
          "(" + shape(left) + op + shape(right) + ")";
      case Value.Not(var inner, _) -> "!(" + shape(inner) + ")";
      case Value.Defined(var inner, _) -> "?(" + shape(inner) + ")";
      case Value.Option(var inner, var options, _) ->
          shape(inner) + "{" + options.stream().map(OpamSyntaxTest::shape).toList() + "}";
      case Value.Group(var items, _) -> items.stream().map(OpamSyntaxTest::shape).toList() + "";
      default -> OpamPrinter.print(value).replace(" ", "");
    };
  }

  @ParameterizedTest
  @CsvSource({
    "a | b & c, (a|(b&c))",
    "a & b | c, ((a&b)|c)",
    "a & b & c, ((a&b)&c)",
    "a & b {x}, (a&b{[x]})",
    "! a {x}, '!(a{[x]})'",
    "!a & b, (!(a)&b)",
    "!?a, !(?(a))",
    "a = b & c != d, (a=b&c!=d)",
    "!a = b, !(a=b)",
    "a {>= \"1\" & < \"2\"}, a{[(>=\"1\"&<\"2\")]}",
    "a ~ \"1\", a>=\"1\"",
    "foo:bar, foo:bar",
    "(a | b) & c, ([(a|b)]&c)"
  })
  void bindsOperatorsAsOpamDoes(String text, String expected) {
    assertThat(shape(value(text))).isEqualTo(expected);
  }

  @Test
  void readsIdentifiersAndNumbersByTheLongestMatch() {
    assertThat(value("4ever")).isEqualTo(new Value.Ident("4ever", Position.NONE));
    assertThat(value("_:name")).isEqualTo(new Value.Ident("_:name", Position.NONE));
    assertThat(value("a+b+_:c-d")).isEqualTo(new Value.Ident("a+b+_:c-d", Position.NONE));
    assertThat(value("true:x")).isEqualTo(new Value.Ident("true:x", Position.NONE));
    assertThat(value("1_000")).isEqualTo(new Value.Int(1000, Position.NONE));
    assertThat(value("-12")).isEqualTo(new Value.Int(-12, Position.NONE));
    assertThat(value("true")).isEqualTo(new Value.Bool(true, Position.NONE));
    assertThat(parse("foo:bar{}").toString()).contains("foo:bar");
  }

  @Test
  void resolvesEscapes() {
    assertThat(string("\"\\\\\\\"\\'\\n\\r\\t\\b\\ \"")).isEqualTo("\\\"'\n\r\t\b ");
    assertThat(string("\"\\065\\x42\"")).isEqualTo("AB");
    assertThat(string("\"a\\\n   b\"")).isEqualTo("ab");
    assertThat(string("\"a\\\r\n\t b\"")).isEqualTo("ab");
    assertThat(string("\"a\r\nb\rc\"")).isEqualTo("a\nb\rc");
    assertThat(string("\"\"\"a \"quoted\" \"\"b\"\"\"")).isEqualTo("a \"quoted\" \"\"b");
    assertThat(string("\"\"")).isEmpty();
  }

  @Test
  void skipsComments() {
    assertThat(parse("# one: 1\n(* two (* \" *) : *) three: 3 # four\r\n")).hasSize(1);
  }

  @Test
  void readsSectionsAndEnvironmentUpdates() {
    List<Item> items =
        parse("url { src: \"x\" }\nextra-source \"f\" {}\nsetenv: [A += \"b\" C =: \"d\"]");

    assertThat(items.get(0)).isInstanceOf(Item.Section.class);
    assertThat(((Item.Section) items.get(1)).title()).contains("f");
    assertThat(OpamPrinter.print(((Item.Field) items.get(2)).value()))
        .isEqualTo("[A += \"b\" C =: \"d\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a: [ \"x\";1;9;expected a value or \"]\" but found the end of the file",
        "a: \"x;1;4;expected the end of the string that starts here but found the end of the file",
        "a: 1 (* b;1;6;expected the end of the comment that starts here but found the end of the file",
        "a: \"x\\qy\";1;6;but found \\q",
        "a: \"\\300\";1;5;but found \\3",
        "a 1;1;3;expected \":\" or \"{\" after \"a\" but found \"1\"",
        "a: _;1;4;expected a decimal number of at most 63 bits but found \"_\"",
        "a: 99999999999999999999;1;4;expected a decimal number",
        "a: [b}];1;6;expected a value or \"]\" but found \"}\"",
        "a: [b] = c;1;8;expected a field or section name but found \"=\"",
        "a: %;1;4;but found the character '%'",
        "a: 2.1;1;5;but found the character '.'",
        "\"a\": 1;1;1;expected a field or section name but found the string \"a\""
      })
  void saysWhereAndWhatWasExpected(String text, int line, int column, String message) {
    var e = catchThrowableOfType(OpamParseException.class, () -> parse(text));

    assertThat(e).hasMessageStartingWith("x.opam:%d:%d: ".formatted(line, column));
    assertThat(e).hasMessageContaining(message);
    assertThat(e.line()).isEqualTo(line);
    assertThat(e.column()).isEqualTo(column);
  }

  @Test
  void countsLines() {
    assertThatThrownBy(() -> parse("a: \"x\ny\\\n z\"\r\n(* \n *)\n  b: ]"))
        .hasMessageStartingWith("x.opam:6:6: ");
  }

  @Test
  void wantsNewVersionHeadersFirstAndOnce() {
    assertThat(parse("a: 1 opam-version: \"2.0\"")).hasSize(2);
    assertThat(parse("a: 1 opam-version: \"MIT\" opam-version: \"2\"")).hasSize(3);
    assertThatThrownBy(() -> parse("a: 1 opam-version: \"2.1\"")).hasMessageContaining("first");
    assertThatThrownBy(() -> parse("a: 1 opam-version: \"3~x\"")).hasMessageContaining("first");
    assertThatThrownBy(() -> parse("opam-version: \"2.1\" opam-version: \"2.1\""))
        .hasMessageContaining("single");
  }

  @Test
  void givesWhatItCouldReadOfANewerFormat() {
    List<Item> items = parse("opam-version: \"99\" a: 1 b: <<<");

    assertThat(items).hasSize(3);
    assertThat(((Item.Section) items.getLast()).kind()).isEqualTo("#");
    assertThatThrownBy(() -> parse("opam-version: \"2.2\" b: <<<"))
        .isInstanceOf(OpamParseException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "(", "!", "a {", "f: a ", "x {", "a & ", "a | ", "(* "})
  void refusesDeepNestingWithoutOverflow(String opening) {
    String text = (opening.startsWith("x") ? "" : "f: ") + opening.repeat(100_000);

    assertThatThrownBy(() -> parse(text)).isInstanceOf(OpamParseException.class);
  }

  @Test
  void refusesHugeFiles() {
    assertThatThrownBy(() -> OpamSyntax.parse(new byte[OpamSyntax.SIZE_MAX + 1], "x.opam"))
        .hasMessageContaining("at most");
  }

  @Test
  void refusesEveryTruncationOrReadsIt() {
    String text =
        "opam-version: \"2.0\" depends: [\"a\" {>= \"1\"} | (\"b\")] # c\nurl { src: \"\"\"s\\\n\"\"\" }";
    int refused = 0;
    for (int i = 0; i < text.length(); i++) {
      try {
        parse(text.substring(0, i));
      } catch (OpamParseException _) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void keepsBytesThatAreNotUtf8() {
    byte[] bytes = {'f', ':', ' ', '"', (byte) 0xE9, (byte) 0xC3, (byte) 0xA9, (byte) 0xFF, '"'};

    String text =
        ((Value.Str) ((Item.Field) OpamSyntax.parse(bytes, "x").getFirst()).value()).value();

    assertThat(text).contains("é");
    assertThat(OpamText.encode(text)).containsExactly(0xE9, 0xC3, 0xA9, 0xFF);
  }
}
