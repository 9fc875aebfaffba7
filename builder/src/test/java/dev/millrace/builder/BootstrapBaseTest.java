package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class BootstrapBaseTest {
  private static String read(String base) {
    return BootstrapBase.parse(base).map(BootstrapBase::toString).orElse("no");
  }

  @Test
  void readsItsOwnNames() {
    assertThat(read("bootstrap:debian-13")).isEqualTo("bootstrap:debian-13?recipe=4");
    assertThat(read("bootstrap:debian-13-ocaml-5.3?packages=odoc,git"))
        .isEqualTo("bootstrap:debian-13-ocaml-5.3?packages=git,odoc&recipe=4");
    assertThat(read(read("bootstrap:debian-12-ocaml-4.13?packages=m4")))
        .isEqualTo("bootstrap:debian-12-ocaml-4.13?packages=m4&recipe=4");
  }

  @Test
  void readsPublicImagesThatCanBeMade() {
    assertThat(read("debian:13")).isEqualTo("bootstrap:debian-13?recipe=4");
    assertThat(read("docker.io/library/debian:bookworm")).isEqualTo("bootstrap:debian-12?recipe=4");
    assertThat(read("ocaml/opam:debian-13-ocaml-5.3"))
        .isEqualTo("bootstrap:debian-13-ocaml-5.3?recipe=4");
    assertThat(read("ocaml/opam:debian-13-ocaml-4.14")).isEqualTo("no");
    assertThat(read("ocaml/opam:alpine-3.22-ocaml-5.3")).isEqualTo("no");
    assertThat(read("busybox")).isEqualTo("no");
  }

  @Test
  void saysWhatCanBeMade() {
    assertThatThrownBy(() -> BootstrapBase.parse("bootstrap:debian-13-ocaml-5.2"))
        .hasMessage(
            "Cannot make base \"bootstrap:debian-13-ocaml-5.2\": expected one of"
                + " debian-12-ocaml-4.13, debian-12, debian-13-ocaml-5.3, debian-13");
    assertThatThrownBy(() -> BootstrapBase.parse("bootstrap:debian-13?color=red"))
        .hasMessage(
            "Cannot make base \"bootstrap:debian-13?color=red\": \"color=red\" must be packages=A,B"
                + " or recipe=4");
  }

  @Test
  void takesNoOptionForAPackage() {
    assertThatThrownBy(
            () -> new BootstrapBase(BootstrapBase.Distribution.DEBIAN_13, false, List.of("-o=x")))
        .hasMessageContaining("Cannot make a base with package \"-o=x\"");
  }
}
