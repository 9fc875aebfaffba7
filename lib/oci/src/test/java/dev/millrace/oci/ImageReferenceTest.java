package dev.millrace.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "debian, docker.io/library/debian:latest",
    "debian:13, docker.io/library/debian:13",
    "docker.io/debian, docker.io/library/debian:latest",
    "ocaml/opam:debian-13-ocaml-5.3, docker.io/ocaml/opam:debian-13-ocaml-5.3",
    "localhost/a, localhost/a:latest",
    "localhost:5000/a/b:c, localhost:5000/a/b:c",
    "ghcr.io/x/y_z/w.v, ghcr.io/x/y_z/w.v:latest",
  })
  void readsShortAndLongNames(String text, String full) {
    assertThat(ImageReference.parse(text)).hasToString(full);
    assertThat(ImageReference.parse(full)).isEqualTo(ImageReference.parse(text));
  }

  @Test
  void readsDigests() {
    ImageReference pinned = ImageReference.parse("a/b:c@sha256:" + HEX);

    assertThat(pinned).hasToString("docker.io/a/b:c@sha256:" + HEX);
    assertThat(pinned.selector()).isEqualTo("sha256:" + HEX);
    assertThat(ImageReference.parse("debian").pinned(new Digest(HEX)).selector())
        .isEqualTo("sha256:" + HEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "UPPER",
        "a b",
        "a:",
        "../x",
        "a//b",
        "a/../b",
        "-a",
        "a@sha256:12",
        "h:99999999/a"
      })
  void refusesOthers(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read image name \"" + text + "\": ");
  }
}
