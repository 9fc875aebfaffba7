package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
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
              "list", new VariableValue.Words(List.of("a", "b"))));

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

  @Test
  void resolvesPackageVariables() {
    assertThat(eval("p:installed")).isEqualTo("true");
    assertThat(eval("p+q:installed")).isEqualTo("false");
    assertThat(eval("p+r:installed")).isEqualTo("undefined");
    assertThat(eval("p:enable")).isEqualTo("\"enable\"");
    assertThat(eval("q:enable")).isEqualTo("\"disable\"");
    assertThat(eval("r:enable")).isEqualTo("\"disable\"");
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
    "a}%b, a}%b"
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
