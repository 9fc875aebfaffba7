package dev.millrace.opam;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Opam files made to harm who reads them. Goal: each is read, or refused with its place, in time
 * and memory that grow with its size. Work that grows with the square of it would take these inputs
 * hours, so that the time limit that all tests have decides.
 */
class HostileOpamFilesTest {
  private static final String HEAD = "opam-version: \"2.0\"\n";
  private static final int MANY = 1_000_000;

  private static OpamFile parse(String text) {
    return OpamFile.parse(text, "x.opam");
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("lists", "f: " + "[".repeat(MANY), "x.opam:2:505: "),
        Arguments.of(
            "lists, closed", "f: " + "[".repeat(MANY) + "]".repeat(MANY), "x.opam:2:505: "),
        Arguments.of("groups", "f: " + "(".repeat(MANY), "x.opam:2:505: "),
        Arguments.of("options", "f: " + "a{".repeat(MANY), "x.opam:2:"),
        Arguments.of("sections", "a{".repeat(MANY), "x.opam:2:"),
        Arguments.of("negations", "f: " + "!".repeat(MANY), "x.opam:2:"),
        Arguments.of("conjunctions", "f: a" + " & a".repeat(MANY / 2), "x.opam:2:"),
        Arguments.of("comments", "f: 1\n" + "(*".repeat(MANY), "x.opam:3:1: "),
        Arguments.of("a string without an end", "f: \"" + "s".repeat(MANY), "x.opam:2:4: "),
        Arguments.of(
            "a long string without an end", "f: \"\"\"" + "\"\" ".repeat(MANY), "x.opam:2:4: "),
        Arguments.of("an escape without an end", "f: \"" + "\\\\".repeat(MANY) + "\\", "x.opam:2:"),
        Arguments.of("a NUL", "f: \0", "x.opam:2:4: "),
        Arguments.of("a NUL in a name", "f\0: 1", "x.opam:2:2: "),
        Arguments.of("lines", "\n".repeat(MANY) + "]", "x.opam:1000002:1: "),
        Arguments.of("an identifier", "f".repeat(MANY), "x.opam:2:1000001: "),
        Arguments.of("a number", "f: " + "9".repeat(MANY), "x.opam:2:4: "));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesWithThePlace(String name, String text, String place) {
    assertThatThrownBy(() -> parse(HEAD + text))
        .as(name)
        .isInstanceOf(OpamParseException.class)
        .hasMessageStartingWith(place)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300).doesNotContain("\n"));
  }

  static Stream<Arguments> read() {
    return Stream.of(
        Arguments.of("numbers without blanks", "x-f: [" + "-1".repeat(MANY) + "]"),
        Arguments.of("numbers of underscores", "x-f: [" + "-1_".repeat(MANY) + "]"),
        Arguments.of("names with plus signs", "x-f: [" + "a+".repeat(MANY) + "a]"),
        Arguments.of("percent signs", "synopsis: \"" + "%{".repeat(MANY) + "\""),
        Arguments.of("a string of 3 MB", "synopsis: \"" + "s".repeat(3 * MANY) + "\""),
        Arguments.of("quotes", "synopsis: \"" + "\\\"".repeat(MANY) + "\""),
        Arguments.of("comments", "# c\n(* c *)".repeat(MANY / 4)),
        Arguments.of("items of a list", "x-f: [" + "a ".repeat(MANY) + "]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("read")
  void readsInTimeThatGrowsWithTheSize(String name, String text) {
    OpamFile file = parse(HEAD + text);

    assertThat(file.formatErrors()).as(name).isEmpty();
    assertThat(file.items()).isNotEmpty();
  }

  /** What lint looks at with expressions, and more than once. */
  static Stream<Arguments> linted() {
    return Stream.of(
        Arguments.of("user names", "url { src: \"" + "a@".repeat(MANY) + "\" }"),
        Arguments.of("colons", "url { src: \"" + "@:".repeat(MANY) + "\" }"),
        Arguments.of("schemes", "url { src: \"" + "a+".repeat(MANY) + "\" }"),
        Arguments.of("repositories", "dev-repo: \"" + ".git#".repeat(MANY / 2) + "/\""),
        Arguments.of("plus signs", "build: [\"%{" + "+".repeat(MANY) + "\"]"),
        Arguments.of("plus signs, closed", "build: [\"%{" + "+".repeat(MANY) + "}x}%\"]"),
        Arguments.of("openings with plus signs", "build: [\"" + "%{+".repeat(MANY) + "\"]"),
        Arguments.of("a synopsis of blanks", "synopsis: \"A" + " .".repeat(MANY) + "\""),
        Arguments.of("licences", "license: \"" + "MIT OR ".repeat(MANY / 4) + "MIT\""),
        Arguments.of("parentheses in a licence", "license: \"" + "(".repeat(MANY) + "\""),
        Arguments.of(
            "guards",
            "build: [[\"a\"] {"
                + IntStream.range(0, 200)
                    .mapToObj(
                        i ->
                            IntStream.range(0, 200)
                                .mapToObj(j -> "p%d-%d:installed".formatted(i, j))
                                .collect(Collectors.joining(" & ", "(", ")")))
                    .collect(Collectors.joining(" | "))
                + "}]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("linted")
  void lintsInTimeThatGrowsWithTheSize(String name, String text) {
    assertThat(
            OpamLint.check(
                (HEAD + text).getBytes(UTF_8), "x.opam", Optional.empty(), Optional.empty()))
        .as(name)
        .isNotEmpty()
        .noneMatch(finding -> finding.code() == 2);
  }

  @Test
  void namesNotMoreThanAHundredFaultsAndNoneAtLength() {
    OpamFile unknown = parse(HEAD + "f: 1\n".repeat(MANY / 2));
    String title = "t".repeat(MANY);
    OpamFile section =
        parse(HEAD + "extra-source \"" + title + "\" {\n" + "f: 1\n".repeat(MANY / 2) + "}");
    OpamFile value = parse(HEAD + "depends: " + "[[" + "a ".repeat(MANY) + "]]");

    assertThat(List.of(unknown, section, value))
        .allSatisfy(
            file ->
                assertThat(file.formatErrors())
                    .hasSizeBetween(1, 101)
                    .allSatisfy(e -> assertThat(e.toString()).hasSizeLessThan(400)));
    assertThat(unknown.formatErrors().getLast().problem()).contains("more");
  }

  /** A formula is as deep as the lists that it is made of are long, level by level. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "depends: [(%s)]",
        "depends: [\"a\" {%s}]",
        "depends: [(%s) | \"b\"]",
        "available: (%s)",
        "build: [[\"a\" {%s}]]",
        "depexts: [[\"a\"] {%s}]",
        "depopts: [\"a\" {%s}]",
        "conflicts: [\"a\" {(%s)}]"
      })
  void refusesFormulasThatAreTooDeepToWorkWith(String field) {
    OpamFile file = parse(HEAD + field.formatted("\"a\" ".repeat(MANY / 4)));

    assertThat(file.formatErrors()).isNotEmpty();
    assertThat(file.depends().eval(_ -> true)).isTrue();
    assertThat(file.toString()).isEqualTo("x.opam");
  }

  @Test
  void refusesFormulasWhoseLevelsAreDeepTogether() {
    String inner = "\"a\"";
    for (int i = 0; i < 400; i++) {
      inner = "(" + inner + " \"a\"".repeat(900) + ")";
    }
    OpamFile file = parse(HEAD + "depends: [" + inner + "]");

    assertThat(file.formatErrors()).singleElement().asString().startsWith("x.opam:2:");
    assertThat(file.depends().eval(_ -> true)).isTrue();
  }

  @Test
  void readsBytesThatAreNotUtf8AndGivesThemBack() {
    byte[] bytes = (HEAD + "synopsis: \"?\"\nmaintainer: \"\\255\\000\"").getBytes(UTF_8);
    bytes[HEAD.length() + 11] = (byte) 0xff;

    OpamFile file = OpamFile.parse(bytes, "x.opam");

    assertThat(file.formatErrors()).isEmpty();
    assertThat(OpamText.encode(file.synopsis().orElseThrow())).containsExactly(0xff);
    assertThat(OpamText.encode(file.maintainers().getFirst())).containsExactly(0xff, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256=../../../../etc/passwd",
        "sha256=",
        "md5=..",
        "sha512=/etc/passwd",
        "../../x",
        "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\u0665"
      })
  void takesNoPathForAChecksum(String text) {
    assertThat(OpamHash.find(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"..", ".", "../x.1", "x/../y.1", "x.1/..", "x.1\n", "x\0.1", "-x", "x.$(id)", ""})
  void takesNoPathForAPackage(String text) {
    assertThat(Package.find(text).map(Package::toString).orElse(""))
        .doesNotContain("/", "..", "\n", "$");
  }
}
