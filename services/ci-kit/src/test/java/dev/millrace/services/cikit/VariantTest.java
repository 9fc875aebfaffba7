package dev.millrace.services.cikit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.ocaml.Architecture;
import dev.millrace.ocaml.OperatingSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VariantTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "debian-11-4.13_x86_32_opam-2.1",
        "debian-11-4.13_opam-2.1",
        "debian-13-4.14+flambda_opam-2.5",
        "macos-homebrew-5.4_arm64_opam-2.5",
        "ubuntu-24.04-5.3_s390x_opam-2.4",
        "debian-13-5.5~beta1_opam-2.5"
      })
  void printsWhatItReads(String text) {
    assertThat(Variant.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "debian-11-4.13.x_opam-2.1, Unable to parse OCaml version",
    "debian_opam-2.1, DISTRIBUTION-OCAML",
    "debian-11-4.13_opam-3.1, Unknown opam version",
    "debian-11-4.13, must end in _opam-VERSION",
    "debian-11-4.13_vax_opam-2.1, Unknown architecture",
    "debian-11-4.13_amd64_opam-2.1, Unknown architecture",
    "'', must end in _opam-VERSION",
    "'a b-4.13_opam-2.1', must be lower-case",
    "'$(reboot)-4.13_opam-2.1', must be lower-case"
  })
  void refusesWhatIsNoVariant(String text, String message) {
    assertThatThrownBy(() -> Variant.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot read variant \"" + text + "\"")
        .hasMessageContaining(message);
  }

  @Test
  void knowsItsParts() {
    Variant variant = Variant.parse("debian-13-4.14+flambda_arm64_opam-2.5");

    assertThat(variant.distribution()).isEqualTo("debian-13");
    assertThat(variant.architecture()).isEqualTo(Architecture.ARM64);
    assertThat(variant.os()).isEqualTo(OperatingSystem.LINUX);
    assertThat(variant.isMainstream()).isFalse();
  }

  @Test
  void findsBothBasesOfAPlatform() {
    Platform.Name name = Platform.Name.parse("debian-13-ocaml-5.3");

    Platform published = Platform.published(name).orElseThrow();
    Platform bootstrapped = Platform.bootstrapped(name).orElseThrow();

    assertThat(published.base())
        .isEqualTo(new Platform.Published("ocaml/opam:debian-13-ocaml-5.3"));
    assertThat(published.variant()).hasToString("debian-13-5.3_opam-2.5");
    assertThat(bootstrapped.base())
        .isEqualTo(new Platform.Bootstrapped("bootstrap:debian-13-ocaml-5.3"));
    assertThat(bootstrapped.variant()).hasToString("debian-13-5.3_opam-2.3");
  }

  @Test
  void knowsPlatformsOfOneBaseOnly() {
    Platform.Name old = Platform.Name.parse("debian-12-ocaml-4.13");
    Platform.Name published = Platform.Name.parse("ubuntu-24.04-ocaml-5.4");

    assertThat(Platform.published(old)).isEmpty();
    assertThat(Platform.bootstrapped(old).orElseThrow().variant())
        .hasToString("debian-12-4.13_opam-2.1");
    assertThat(Platform.bootstrapped(published)).isEmpty();
    assertThat(Platform.published(Platform.Name.parse("debian-13-ocaml-4.14+flambda_arm64")))
        .map(Platform::base)
        .contains(new Platform.Published("ocaml/opam:debian-13-ocaml-4.14-flambda"));
  }

  @Test
  void takesAVariantsTextForAPlatform() {
    assertThat(Platform.Name.parse("debian-13-5.3_opam-2.3")).hasToString("debian-13-ocaml-5.3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "debian-13",
        "debian-13-ocaml-",
        "debian-13-ocaml-9.9",
        "plan9-ocaml-5.3",
        "",
        "debian-13-ocaml-5.3_vax",
        "../../etc-ocaml-5.3"
      })
  void namesTheKnownPlatformsForAnUnknownOne(String text) {
    assertThatThrownBy(() -> Platform.Name.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Unknown platform \""
                + text
                + "\": expected one of debian-13-ocaml-5.3, debian-12-ocaml-4.13, ");
  }

  @Test
  void survivesItsTextForm() {
    TestedPlatform tested = TestObjects.platform("debian-13-4.14+flambda_arm64_opam-2.5", "4.14.3");
    TestedPlatform published =
        new TestedPlatform(
            Platform.published(Platform.Name.parse("debian-13-ocaml-5.3")).orElseThrow(),
            "ocaml/opam@sha256:00",
            tested.variables());

    assertThat(TestedPlatform.decode(tested.encode())).isEqualTo(tested);
    assertThat(TestedPlatform.decode(published.encode())).isEqualTo(published);
  }

  @Test
  void canReadEveryPlatformThatItLists() {
    assertThat(Platform.known())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(Platform.Name.parse(name.toString())).isEqualTo(name));
  }
}
