package dev.millrace.opam;

import static java.util.Locale.ROOT;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FilterTest {
  private static final Environment ENVIRONMENT =
      Environment.of(
              Map.of(
                  "t", VariableValue.of(true),
                  "f", VariableValue.of(false),
                  "st", VariableValue.of("true"),
                  "sf", VariableValue.of("false"),
                  "foo", VariableValue.of("foo"),
                  "version", VariableValue.of("10.15"),
                  "percent", VariableValue.of("50%%"),
                  "p:installed", VariableValue.of(true),
                  "q:installed", VariableValue.of(false),
                  "list", new VariableValue.Words(List.of("a", "b"))))
          .with("p:word", VariableValue.of("w"))
          .with("conf-g++:installed", VariableValue.of(true));

  private static Filter filter(String text) {
    Item.Field field =
        (Item.Field) OpamSyntax.parse(OpamText.encode("available: " + text), "x").getFirst();
    return Values.filters(field.value());
  }

  private static String eval(String text) {
    return switch (filter(text).eval(ENVIRONMENT)) {
      case Filter.Outcome.Truth(var value) -> Boolean.toString(value);
      case Filter.Outcome.Words(var value) -> "\"" + value + "\"";
      case Filter.Outcome.Undefined _ -> "undefined";
    };
  }

  /** u is undefined; st and sf are the texts "true" and "false". */
  @ParameterizedTest
  @CsvSource({
    "t & t, true",
    "t & f, false",
    "f & t, false",
    "f & f, false",
    "t & st, true",
    "t & sf, false",
    "st & st, true",
    "st & sf, false",
    "sf & sf, false",
    "t & foo, undefined",
    "f & foo, false",
    "foo & f, false",
    "foo & st, undefined",
    "t & u, undefined",
    "u & t, undefined",
    "f & u, false",
    "u & f, false",
    "sf & u, undefined",
    "u & sf, undefined",
    "u & u, undefined",
    "foo & u, undefined",
    "foo & foo, undefined",
    "t | t, true",
    "t | f, true",
    "f | t, true",
    "f | f, false",
    "f | st, true",
    "f | sf, false",
    "sf | st, true",
    "sf | sf, false",
    "t | foo, true",
    "foo | t, true",
    "f | foo, undefined",
    "foo | foo, undefined",
    "t | u, true",
    "u | t, true",
    "f | u, undefined",
    "u | f, undefined",
    "st | u, undefined",
    "u | st, undefined",
    "u | u, undefined",
    "!t, false",
    "!f, true",
    "!st, false",
    "!sf, true",
    "!foo, undefined",
    "!u, undefined",
    "?t, true",
    "?f, true",
    "?foo, true",
    "?u, false",
    "!?u, true",
    "?(u & t), false",
    "?(u & f), true",
    "t = st, true",
    "t = t, true",
    "t = f, false",
    "t != st, false",
    "foo = \"foo\", true",
    "foo != \"foo\", false",
    "u = u, undefined",
    "u != foo, undefined",
    "foo = u, undefined",
    "u >= \"1\", undefined",
    "version >= \"10.9\", true",
    "version < \"10.9\", false",
    "version > \"10.15\", false",
    "version <= \"10.15\", true",
    "version ~ \"10.2\", true",
    "10 > 9, true"
  })
  void evaluatesThreeValued(String text, String expected) {
    assertThat(eval(text)).isEqualTo(expected);
  }

  @Test
  void castsAtTheTop() {
    assertThat(filter("st").evalToBoolean(ENVIRONMENT, false)).isTrue();
    assertThat(filter("foo").evalToBoolean(ENVIRONMENT, true)).isTrue();
    assertThat(filter("foo").evalToBoolean(ENVIRONMENT, false)).isFalse();
    assertThat(filter("u").evalToBoolean(ENVIRONMENT, true)).isTrue();
    assertThat(filter("[f]").evalToBoolean(ENVIRONMENT, true)).isFalse();
    assertThat(filter("[]").evalToBoolean(ENVIRONMENT, false)).isTrue();
  }

  /**
   * A row for each left side, a column for each right one, in the order of the rows: T true, F
   * false, - undefined.
   */
  @ParameterizedTest
  @CsvSource({
    "t, &, TFTF--",
    "f, &, FFFFFF",
    "st, &, TFTF--",
    "sf, &, FFFF--",
    "foo, &, -F----",
    "u, &, -F----",
    "t, |, TTTTTT",
    "f, |, TFTF--",
    "st, |, TTTT--",
    "sf, |, TFTF--",
    "foo, |, T-----",
    "u, |, T-----",
    "t, =, TFTFF-",
    "f, =, FTFTF-",
    "st, =, TFTFF-",
    "sf, =, FTFTF-",
    "foo, =, FFFFT-",
    "u, =, ------",
    "t, !=, FTFTT-",
    "f, !=, TFTFT-",
    "st, !=, FTFTT-",
    "sf, !=, TFTFT-",
    "foo, !=, TTTTF-",
    "u, !=, ------",
    "t, <, FFFFF-",
    "f, <, TFTFT-",
    "st, <, FFFFF-",
    "sf, <, TFTFT-",
    "foo, <, TFTFF-",
    "u, <, ------",
    "t, <=, TFTFF-",
    "f, <=, TTTTT-",
    "st, <=, TFTFF-",
    "sf, <=, TTTTT-",
    "foo, <=, TFTFT-",
    "u, <=, ------",
    "t, >, FTFTT-",
    "f, >, FFFFF-",
    "st, >, FTFTT-",
    "sf, >, FFFFF-",
    "foo, >, FTFTF-",
    "u, >, ------",
    "t, >=, TTTTT-",
    "f, >=, FTFTF-",
    "st, >=, TTTTT-",
    "sf, >=, FTFTF-",
    "foo, >=, FTFTT-",
    "u, >=, ------"
  })
  void connectsAndComparesAnyTwo(String left, String operator, String expected) {
    String found =
        Stream.of("t", "f", "st", "sf", "foo", "u")
            .map(right -> eval(left + " " + operator + " " + right))
            .map(value -> value.equals("undefined") ? "-" : value.substring(0, 1).toUpperCase(ROOT))
            .collect(joining());

    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "p:installed, true",
    "p+q:installed, false",
    "p+p:installed, true",
    "p+r:installed, undefined",
    "q+r:installed, false",
    "r+q:installed, false",
    "p+r+p:installed, undefined",
    "p:word, '\"w\"'",
    "p+p:word, undefined",
    "_:installed, undefined",
    "p:enable, '\"enable\"'",
    "q:enable, '\"disable\"'",
    "r:enable, '\"disable\"'",
    "list, '\"a b\"'",
    "list = \"a b\", true",
    "10, '\"10\"'",
    "percent, '\"50%\"'"
  })
  void resolvesVariables(String text, String expected) {
    assertThat(eval(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "a%{foo}%b, afoob",
    "%{u}%, ''",
    "%{t}% %{list}%, true a b",
    "100%%, 100%",
    "%{foo, %{foo",
    "%{p:installed?yes:no}%, yes",
    "%{r:installed?yes:no}%, no",
    "%{p+q:installed?yes:no}%, no",
    "%{p:enable}%-x, enable-x",
    "%{version}%.%{foo}%, 10.15.foo",
    "a}%b, a}%b",
    "%{?conf-g++:installed:}%, true",
    "%{conf-g++:installed}%, ''",
    "%{?p:installed:}%, true",
    "%{foo?yes:no}%, no",
    "%{t?yes:no}%, yes",
    "%{f?yes:}%, ''",
    "%{u?a?b:c}%, c",
    "%{p:word}%%%{q:word}%%, w%{q:word}%",
    "%{p:word}%%{q:word}%%%, w%",
    "%{}%, ''",
    "%%{foo}%%, %{foo}%",
    "'%{a\nb}%', '%{a\nb}%'"
  })
  void expandsStrings(String text, String expected) {
    assertThat(Interpolation.expand(text, ENVIRONMENT)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "u & t, u & true",
    "u & f, false",
    "u | f, u | false",
    "t & t, true",
    "?u & v, false",
    "u = foo, 'u = \"foo\"'",
    "!u, !u",
    "u = percent, 'u = \"50%%\"'",
    "u | st, u | \"true\"",
    "foo & t, '\"foo\" & true'",
    "u:enable, u:enable",
    "\"%{r:installed?yes:no}%\", '\"%{r:installed?yes:no}%\"'",
    "\"%{p:installed?yes:no}%\", '\"yes\"'",
    "p+r:installed, p+r:installed",
    "q+r:installed, false",
    "!?u | ?t, true",
    "\"%{u}%-%{foo}%\" = \"1%%\", '\"%{u}%-foo\" = \"1%%\"'"
  })
  void keepsWhatIsUndefinedForLater(String text, String expected) {
    assertThat(filter(text).evalPartially(ENVIRONMENT)).hasToString(expected);
  }

  @Test
  void expandsOnceInTwoPasses() {
    Filter rest = filter("u = \"%%{x}%%\"").evalPartially(ENVIRONMENT);
    Environment later = Environment.ofTexts(Map.of("u", "%{x}%", "x", "y"));

    // The value of u is itself expanded, as opam does it; the literal is not.
    assertThat(rest).hasToString("u = \"%%{x}%%\"");
    assertThat(rest.evalToBoolean(later, true)).isFalse();
  }

  @Test
  void findsVariables() {
    assertThat(filter("os = \"%{a}%\" & !(b | ?c)").variables())
        .extracting(Variable::toString)
        .containsExactly("os", "a", "b", "c");
  }
}
