package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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
