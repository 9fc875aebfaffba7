package dev.millrace.ocaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OcamlVersionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "5.3",
        "5.3.0",
        "4.14",
        "4.02.3",
        "3.07+1",
        "5.5.0~beta1",
        "4.14.2+flambda",
        "5.5.0~alpha1+flambda",
        "5.4+flambda+fp"
      })
  void printsWhatItReads(String text) {
    assertThat(OcamlVersion.parse(text)).hasToString(text);
  }

  @Test
  void padsTheMinorNumberUpToOcaml4() {
    assertThat(OcamlVersion.parse("4.2.3")).hasToString("4.02.3");
    assertThat(OcamlVersion.parse("5.03")).hasToString("5.3");
  }

  @Test
  void splitsATailAtItsFirstPlus() {
    OcamlVersion version = OcamlVersion.parse("5.5.0~beta1+options+x");

    assertThat(version.prerelease()).isEqualTo(Optional.of("beta1"));
    assertThat(version.extra()).isEqualTo(Optional.of("options+x"));
    assertThat(version.withoutVariant()).hasToString("5.5.0~beta1");
    assertThat(version.justMajorAndMinor()).hasToString("5.5~beta1");
    assertThat(version.dockerTag()).isEqualTo("5.5.0-beta1-options-x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "5.",
        "5.3.",
        "v5.3",
        "5.3-x",
        "5.3~",
        "5.3+",
        "5.3 ",
        "-5.3",
        "5.99999999999",
        "5.3.0.1",
        "5.3+a b",
        "٥.٣"
      })
  void refusesWhatIsNoVersion(String text) {
    assertThatThrownBy(() -> OcamlVersion.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Unable to parse OCaml version '" + text + "'");
  }

  @Test
  void ordersByNumbersThenPatchPrereleaseAndExtra() {
    List<OcamlVersion> ascending =
        List.of(
                "3.07",
                "4.02.3",
                "4.14",
                "4.14.0",
                "4.14.0+flambda",
                "5.0.0~alpha0",
                "5.0.0~beta1",
                "5.0.0",
                "5.10.0")
            .stream()
            .map(OcamlVersion::parse)
            .toList();
    List<OcamlVersion> shuffled = new ArrayList<>(ascending);
    Collections.reverse(shuffled);

    Collections.sort(shuffled);

    assertThat(shuffled).isEqualTo(ascending);
  }

  @Test
  void knowsReleases() {
    assertThat(OcamlRelease.LATEST).hasToString("5.4.1");
    assertThat(OcamlRelease.TRUNK).hasToString("5.6.0");
    assertThat(OcamlRelease.ALL).isSorted().doesNotHaveDuplicates();
    assertThat(OcamlRelease.LAST_OF_SERIES)
        .contains(OcamlVersion.of(4, 14, 3), OcamlVersion.of(5, 1, 1));
    assertThat(OcamlRelease.RECENT.getFirst()).hasToString("4.08.1");
    assertThat(OcamlRelease.DEFAULT_SERIES)
        .extracting(OcamlVersion::toString)
        .containsExactly("4.14", "5.4");
    assertThat(OcamlRelease.lastOf(OcamlVersion.of(5, 3))).contains(OcamlVersion.of(5, 3, 0));
    assertThat(OcamlRelease.isDevelopment(OcamlVersion.of(5, 5))).isTrue();
    assertThat(OcamlRelease.isDevelopment(OcamlVersion.parse("5.5.0~beta1"))).isFalse();
    assertThat(OcamlRelease.firstOn(Architecture.RISCV64)).hasToString("4.11.0");
  }

  @Test
  void namesTheCompilersPackage() {
    assertThat(OcamlRelease.opamPackage(OcamlVersion.of(5, 3, 0)))
        .isEqualTo("ocaml-base-compiler.5.3.0");
    assertThat(OcamlRelease.opamPackage(OcamlVersion.parse("4.14.2+flambda")))
        .isEqualTo("ocaml-variants.4.14.2+options");
    assertThat(OcamlRelease.opamPackage(OcamlVersion.parse("4.10.0+flambda")))
        .isEqualTo("ocaml-variants.4.10.0+flambda");
    assertThat(OcamlRelease.opamPackage(OcamlVersion.of(5, 6, 0)))
        .isEqualTo("ocaml-variants.5.6.0+trunk");
    assertThatThrownBy(() -> OcamlRelease.opamPackage(OcamlVersion.of(5, 3)))
        .hasMessageContaining("needs a patch number");
  }

  @Test
  void knowsArchitecturesUnderAllTheirNames() {
    for (Architecture architecture : Architecture.values()) {
      assertThat(Architecture.find(architecture.displayName())).contains(architecture);
      assertThat(Architecture.find(architecture.opamName())).contains(architecture);
      assertThat(Architecture.find(architecture.dockerName())).contains(architecture);
      assertThat(Architecture.findOpamName(architecture.opamName())).contains(architecture);
    }
    assertThat(Architecture.find("aarch64")).contains(Architecture.ARM64);
    assertThat(Architecture.findOpamName("amd64")).isEmpty();
    assertThat(Architecture.find("vax")).isEmpty();
  }

  @Test
  void knowsDistributions() {
    assertThat(Distribution.find("debian-13")).contains(Distribution.DEBIAN_13);
    assertThat(Distribution.DEBIAN_12.osVersion()).contains("12");
    assertThat(Distribution.find("ubuntu-24.04").orElseThrow().osFamily()).isEqualTo("debian");
    assertThat(Distribution.tested())
        .extracting(Distribution::tag)
        .contains("alpine-3.24", "fedora-44", "opensuse-16.0", "ubuntu-26.04")
        .doesNotContain("opensuse-tumbleweed", "centos-10", "oraclelinux-10", "archlinux");
    assertThat(Distribution.DEBIAN_13.architectures())
        .doesNotContain(Architecture.I386, Architecture.ARM32)
        .contains(Architecture.S390X, Architecture.PPC64LE, Architecture.RISCV64);
    assertThat(OperatingSystem.ofDistribution("windows-server-mingw-ltsc2025"))
        .isEqualTo(OperatingSystem.WINDOWS);
    assertThat(OperatingSystem.ofDistribution("ubuntu-24.04")).isEqualTo(OperatingSystem.LINUX);
  }
}
