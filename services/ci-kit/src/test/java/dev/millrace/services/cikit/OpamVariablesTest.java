package dev.millrace.services.cikit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OpamVariablesTest {
  private static final String LOG =
      """
      (from bootstrap:debian-13)
      /: (run (shell "echo '@@@OUTPUT' && opam list -s && echo '@@@OUTPUT'"))
      @@@OUTPUT
      \u001b[36mocaml-system.5.3.0\u001b[0m
      @@@OUTPUT
      /: (run (shell "echo '@@@OUTPUT' && opam config expand"))
      @@@OUTPUT\r
      {"arch":"x86_64","os":"linux","os_family":"debian","os_distribution":"debian","os_version":"13","opam_version":"2.3.0"}
      @@@OUTPUT
      """;

  @Test
  void readsWhatTheImageTold() {
    assertThat(OpamVariables.parse(LOG))
        .isEqualTo(
            new PlatformVariables(
                "x86_64", "linux", "debian", "debian", "13", "ocaml-system", "5.3.0", "2.3.0"));
  }

  @Test
  void readsCompilersWithVariants() {
    assertThat(
            OpamVariables.parse(
                    LOG.replace("ocaml-system.5.3.0", "ocaml-variants.5.5.0~beta1+options"))
                .ocamlVersion())
        .isEqualTo("5.5.0~beta1+options");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@@@OUTPUT",
        "@@@OUTPUT\n@@@OUTPUT\n",
        "@@@OUTPUT\na\n@@@OUTPUT\n@@@OUTPUT\n{}"
      })
  void saysWhenPartsAreMissing(String log) {
    assertThatThrownBy(() -> OpamVariables.parse(log))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("The image did not tell its opam variables");
  }

  @Test
  void saysWhenThereIsNoCompiler() {
    assertThatThrownBy(() -> OpamVariables.parse(LOG.replace("ocaml-system", "base-threads")))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("The image has no OCaml compiler");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "null", "{\"arch\":1}", "{\"arch\":\"\"}"})
  void saysWhenTheVariablesCannotBeRead(String json) {
    String log = "@@@OUTPUT\nocaml-system.5.3.0\n@@@OUTPUT\n@@@OUTPUT\n" + json + "\n@@@OUTPUT\n";

    assertThatThrownBy(() -> OpamVariables.parse(log)).isInstanceOf(CiKitException.class);
  }

  @Test
  void asksInTwoFencedParts() {
    Spec spec = OpamVariables.spec(Variant.parse("debian-13-5.3_opam-2.3"), "bootstrap:debian-13");

    assertThat(spec.from()).isEqualTo("bootstrap:debian-13");
    assertThat(spec.ops())
        .startsWith(
            Op.user(1000, 1000),
            Op.run("sudo ln -f /usr/bin/opam-2.3 /usr/bin/opam"),
            Op.run("opam init --reinit -ni"));
    assertThat(spec.ops().getLast())
        .isEqualTo(
            Op.run(
                "echo '@@@OUTPUT' && opam config expand '{\"arch\":\"%{arch}%\",\"os\":\"%{os}%\",\"os_family\":\"%{os-family}%\",\"os_distribution\":\"%{os-distribution}%\",\"os_version\":\"%{os-version}%\",\"opam_version\":\"%{opam-version}%\"}' && echo '@@@OUTPUT'"));
  }

  @Test
  void forcesTheArchitectureOf32BitPrograms() {
    Spec spec = OpamVariables.spec(Variant.parse("debian-12-4.14_x86_32_opam-2.5"), "base");

    assertThat(spec.ops()).contains(new Op.Shell(List.of("/usr/bin/linux32", "/bin/sh", "-c")));
    assertThat(spec.ops().getLast().toString()).contains("\"arch\":\"x86_32\"");
  }
}
