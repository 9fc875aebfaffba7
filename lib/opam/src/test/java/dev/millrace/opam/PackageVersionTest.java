package dev.millrace.opam;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PackageVersionTest {
  private static final List<String> ASCENDING =
      List.of(
          "~~",
          "~",
          "~beta2",
          "~beta10",
          "0.1",
          "1.0~beta",
          "1.0",
          "1.0-test",
          "1.0.1",
          "1.0.10",
          "dev",
          "trunk");

  @Test
  void ordersTheCheckSequence() {
    for (int i = 0; i < ASCENDING.size(); i++) {
      for (int j = 0; j < ASCENDING.size(); j++) {
        assertThat(Integer.signum(compare(ASCENDING.get(i), ASCENDING.get(j))))
            .as("%s and %s", ASCENDING.get(i), ASCENDING.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a, a0, 0",
    "1.0, 1.00, 0",
    "1.0, 1.0., -1",
    "5.1.0~rc1, 5.1.0, -1",
    "5.1.0+options, 5.1.0, 1",
    "1.0beta, 1.0, 1",
    "1.0-1, 1.0-2, -1",
    "1.0-a-b, 1.0-a, 1",
    "1a, 1+, -1",
    "1.9, 1.10, -1",
    "1.~, 1.0, -1",
    "1.0~, 1.0, -1",
    "a0~, a, -1",
    "a1, ab, -1",
    "a+, ab, 1",
    "a_, a., 1",
    "1.010, 1.10, 0",
    "1.0-, 1.0, 0",
    "1.0-0, 1.0, 0",
    "1.0-1, 1.0.1, -1",
    "1.0-1-2, 1.0-2, 1",
    "dev, 999, 1",
    "dev, ~dev, 1",
    "~a, ~, 1",
    "00012345678901234567890, 12345678901234567891, -1"
  })
  void comparesAsOpamDoes(String left, String right, int expected) {
    assertThat(Integer.signum(compare(left, right))).isEqualTo(expected);
    assertThat(Integer.signum(compare(right, left))).isEqualTo(-expected);
  }

  private static int compare(String left, String right) {
    return PackageVersion.parse(left).compareTo(PackageVersion.parse(right));
  }

  @Test
  void keepsSpellingsApartThatAreEqualInOrder() {
    assertThat(PackageVersion.parse("1.0")).isNotEqualTo(PackageVersion.parse("1.00"));
  }

  @ParameterizedTest
  @CsvSource({
    "EQ, FTF, NEQ",
    "NEQ, TFT, EQ",
    "LT, TFF, GEQ",
    "LEQ, TTF, GT",
    "GT, FFT, LEQ",
    "GEQ, FTT, LT"
  })
  void holdsForOlderEqualAndNewerVersions(Relop op, String expected, Relop negated) {
    VersionConstraint constraint = new VersionConstraint(op, PackageVersion.parse("1.0"));
    String found =
        Stream.of("1.0~rc1", "1.00", "1.0-1")
            .map(PackageVersion::parse)
            .map(version -> constraint.holds(version) ? "T" : "F")
            .collect(joining());

    assertThat(found).isEqualTo(expected);
    assertThat(constraint.negated().op()).isEqualTo(negated);
  }

  @ParameterizedTest
  @CsvSource({
    "dune, true",
    "conf-g++, true",
    "0install, true",
    "_a, true",
    "1-2, false",
    "-_+, false",
    "a.b, false",
    "a b, false",
    "'', false",
    "é, false"
  })
  void namesHaveALetterAndNoDots(String text, boolean name) {
    assertThat(PackageName.find(text).isPresent()).isEqualTo(name);
  }

  @Test
  void refusesWhatIsNoVersion() {
    assertThat(PackageVersion.find("")).isEmpty();
    assertThat(PackageVersion.find("1.0 ")).isEmpty();
    assertThat(PackageVersion.find("1:0")).isEmpty();
    assertThatThrownBy(() -> PackageVersion.parse("1/0")).hasMessageContaining("\"1/0\"");
  }

  @Test
  void ordersNamesByFoldedCharactersFirst() {
    List<String> sorted =
        List.of("b", "B", "a-b", "ab", "A", "abc", "aB").stream()
            .map(PackageName::parse)
            .sorted()
            .map(PackageName::text)
            .toList();

    assertThat(sorted).containsExactly("A", "a-b", "aB", "ab", "abc", "B", "b");
  }

  @Test
  void splitsPackagesAtTheFirstDot() {
    Package parsed = Package.parse("dune.3.17.0");

    assertThat(parsed.name().text()).isEqualTo("dune");
    assertThat(parsed.version().text()).isEqualTo("3.17.0");
    assertThat(Package.find("dune")).isEmpty();
    assertThat(Package.find("dune.")).isEmpty();
    assertThat(Package.find("1.2")).isEmpty();
    assertThat(Package.find("a b.1")).isEmpty();
  }
}
