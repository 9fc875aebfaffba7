package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void tellsItsVersion() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("millrace ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpListsEveryCommandWithOneLine() {
    assertThat(run("--help")).isZero();
    assertThat(Commands.all().keySet())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(out.toString()).containsPattern("(?m)^  " + name + " +\\S"));
  }

  @Test
  void everyCommandHasHelp() {
    assertThat(Commands.all().keySet())
        .allSatisfy(
            name -> {
              out.getBuffer().setLength(0);
              assertThat(run(name, "--help")).isZero();
              assertThat(out.toString()).contains("Usage: millrace " + name);
            });
  }

  @Test
  void noCommandIsWrongUse() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Which command?").contains("Try 'millrace --help'.");
  }

  @Test
  void anUnknownCommandIsWrongUseAndNamesTheNearest() {
    assertThat(run("complection")).isEqualTo(2);
    assertThat(err.toString())
        .contains("complection")
        .contains("completion")
        .doesNotContain("\tat ");
  }

  @Test
  void anArgumentIsNeverAFileOfArguments() {
    assertThat(run("completion", "@/etc/passwd")).isEqualTo(2);
    assertThat(err.toString()).contains("@/etc/passwd").doesNotContain("root:");
  }

  @Test
  void completionKnowsEveryCommand() {
    assertThat(run("completion")).isZero();
    assertThat(run("completion", "bash")).isZero();
    assertThat(run("completion", "fish")).isEqualTo(2);
    assertThat(Commands.all().keySet())
        .allSatisfy(name -> assertThat(out.toString()).contains("_picocli_millrace_" + name));
  }

  private int run(String... args) {
    return Main.run(List.of(args), new PrintWriter(out), new PrintWriter(err));
  }
}
