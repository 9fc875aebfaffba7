package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReasonTest {
  @Test
  void shortReasonsStayAsTheyAre() {
    Reason reason = Reason.of("  dune exited with status 1\n");

    assertThat(reason.line()).isEqualTo("dune exited with status 1");
    assertThat(reason.isFolded()).isFalse();
    assertThat(Reason.of("").line()).isEmpty();
  }

  @Test
  void foldsTheQuotedArgumentsOfACommand() {
    String text =
        "\"/usr/bin/env\" \"bash\" \"-c\" \"opam exec -- dune build --only-packages=hello @install @check @runtest && rm -rf \\\"_build\\\"\" failed with exit status 1";

    Reason reason = Reason.of(text);

    assertThat(reason.line())
        .isEqualTo(
            "\"/usr/bin/env\" \"bash\" \"-c\" \"opam exec -- dune build…\" failed with exit status 1");
    assertThat(reason.whole()).isEqualTo(text);
    assertThat(reason.isFolded()).isTrue();
  }

  @Test
  void keepsToTheFirstLineAndSaysThatThereIsMore() {
    Reason reason = Reason.of("No solution\n- base: needs ocaml >= 6\n- hello: needs base");

    assertThat(reason.line()).isEqualTo("No solution …");
    assertThat(reason.whole()).contains("needs ocaml >= 6");
  }

  @Test
  void endsWhatHasNoEnd() {
    Reason reason = Reason.of("x".repeat(100_000) + " \"" + "\\".repeat(100_000));

    assertThat(reason.line()).hasSize(160).endsWith("x…");
    assertThat(reason.whole()).hasSize(8_000);
    assertThat(Reason.of("\"" + "y".repeat(100)).line()).isEqualTo("\"" + "y".repeat(23) + "…");
  }

  @Test
  void showsWhatWouldDeceive() {
    assertThat(Reason.of("a\u202eb").line()).isEqualTo("aU+202Eb");
  }
}
