package dev.millrace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecTest {
  private static final Spec EVERYTHING =
      new Spec(
          List.of(new Spec.Child("dev", Spec.of("a", List.of(Op.run("make\nmake install"))))),
          "b",
          List.of(
              new Op.Comment("a remark"),
              new Op.Workdir("/src"),
              new Op.Shell(List.of("/bin/sh", "-c")),
              new Op.Env("K", "v w"),
              Op.user(1000, 1001),
              new Op.User(new Account.Named("Somebody")),
              new Op.Run(
                  List.of(
                      new Mounted("c", "/c", List.of(new Mounted.Option("sharing", "private")))),
                  List.of("host"),
                  List.of(Mounted.secret("s")),
                  "true"),
              new Op.Copy(Optional.of("dev"), List.of("x", "y"), "/z/", List.of(".git"))));

  @Test
  void readsBackWhatItWrites() {
    assertThat(Spec.parse(EVERYTHING.render())).isEqualTo(EVERYTHING);
    assertThat(Spec.parse(EVERYTHING.renderLine())).isEqualTo(EVERYTHING);
  }

  @Test
  void fieldsMayComeInAnyOrder() {
    assertThat(Spec.parse("((from x) (copy (dst d) (exclude e) (src a b) (from context)))").ops())
        .containsExactly(new Op.Copy(Optional.empty(), List.of("a", "b"), "d", List.of("e")));
  }

  @Test
  void readsNumbersAsOcamlDoes() {
    assertThat(Spec.parse("((from x) (user (uid 0x3e8) (gid 1_001)))").ops())
        .containsExactly(Op.user(1000, 1001));
  }

  @Test
  void copyIsOnOneLineUpToColumn80() {
    String shorter = "a".repeat(55);
    String longer = "a".repeat(56);

    assertThat(Op.copy(List.of(shorter), "/dst").render(1)).doesNotContain("\n").hasSize(79);
    assertThat(Op.copy(List.of(longer), "/dst").render(1)).contains("\n       (dst /dst))");
  }

  @Test
  void runIsAlignedToItsColumn() {
    Op run = new Op.Run(List.of(), List.of("host"), List.of(), "true");

    assertThat(run.render(3)).isEqualTo("(run (network host)\n        (shell true))");
    assertThat(Op.run("a b").render(9)).isEqualTo("(run (shell \"a b\"))");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "hello!1:1: Invalid spec: hello: expected ((from BASE) OP …)",
        "((build a ((from b))))!1:1: Invalid spec: missing (from)",
        "((run (shell x)))"
            + "!1:2: Invalid spec item: (run (shell x)): expected (from BASE), or a (build NAME SPEC) before it",
        "((from x) run)"
            + "!1:11: Invalid op: run: expected comment, workdir, shell, env, user, run or copy",
        "((from x) (build d ((from y))))"
            + "!1:11: Invalid op: (build d ((from y))): expected comment, workdir, shell, env, user, run or copy",
        "((from x) (run (network host)))"
            + "!1:11: Missing field \"shell\" in (run (network host))",
        "((from x) (run (shell a) (shell b)))"
            + "!1:26: Duplicate field \"shell\" in (run (shell a) (shell b))",
        "((from x) (run (shell x) (colour red)))"
            + "!1:26: Unknown field \"colour\" in (run (shell x) (colour red)): expected one of cache, network, secrets, shell",
        "((from x) (copy (from nowhere) (src a) (dst b)))"
            + "!1:23: Invalid data source: nowhere: expected context or (build NAME)",
        "((from x) (run (cache x) (shell a)))!1:23: Invalid cache: x: expected (ID (target PATH))",
        "((from x) (user (uid abc) (gid 1)))"
            + "!1:17: expected a whole number of at most 2147483647, found \"abc\"",
        "((from x) (copy (from (build nope)) (src /a) (dst /b)))"
            + "!1:11: Unknown build \"nope\" in (copy (from (build nope)) (src /a) (dst /b)).",
        "((build aa ((from x))) (build bb ((from x))) (from x) (copy (from (build ab)) (src /a) (dst /b)))"
            + "!1:55: Unknown build \"ab\" in (copy (from (build ab)) (src /a) (dst /b)). Did you mean \"aa\" or \"bb\"?",
      })
  void saysWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> Spec.parse(text))
        .isInstanceOf(SpecException.class)
        .hasMessage(message);
  }

  @Test
  void reportsEverythingAtOnce() {
    assertThatThrownBy(() -> Spec.parse("((from x)\n (frob)\n (env A)\n (run))"))
        .isInstanceOfSatisfying(SpecException.class, e -> assertThat(e.problems()).hasSize(3))
        .hasMessageContaining("2:2: ")
        .hasMessageContaining("4:2: ");
  }

  @Test
  void aChildSeesEarlierSiblingsOnly() {
    String later =
        "((build a ((from x) (copy (from (build b)) (src y) (dst z)))) (build b ((from x))) (from x))";
    String earlier =
        "((build b ((from x))) (build a ((from x) (copy (from (build b)) (src y) (dst z)))) (from x))";

    assertThatThrownBy(() -> Spec.parse(later)).hasMessageContaining("Unknown build \"b\"");
    assertThat(Spec.parse(earlier).children()).hasSize(2);
    assertThatThrownBy(
            () ->
                Spec.of("x", List.of(new Op.Copy(Optional.of("n"), List.of("a"), "b", List.of())))
                    .requireScope())
        .hasMessageStartingWith("Unknown build \"n\"");
  }
}
