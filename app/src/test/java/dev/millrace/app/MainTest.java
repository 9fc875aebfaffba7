package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
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

  @Test
  void aStatedFailureIsOneLineAndItsOwnExitCode() {
    assertThat(explain(CommandException.failed("Cannot test \"x\": it has no commits")))
        .isEqualTo(1);
    assertThat(explain(CommandException.usage("Cannot parse port \"y\": expected 0 to 65535")))
        .isEqualTo(2);
    assertThat(explain(CommandException.machine("Cannot serve: port 80 is in use"))).isEqualTo(3);
    assertThat(err.toString().lines())
        .containsExactly(
            "millrace: Cannot test \"x\": it has no commits",
            "millrace: Cannot parse port \"y\": expected 0 to 65535",
            "millrace: Cannot serve: port 80 is in use");
  }

  @Test
  void whatTheMachineRefusesIsSaidInWords() {
    assertThat(explain(new AccessDeniedException("/var/lib/millrace"))).isEqualTo(3);
    assertThat(explain(new UncheckedIOException(new NoSuchFileException("/x")))).isEqualTo(3);
    assertThat(explain(new IOException("No space left on device"))).isEqualTo(3);
    assertThat(err.toString().lines())
        .containsExactly(
            "millrace: no permission for /var/lib/millrace",
            "millrace: no such file: /x",
            "millrace: No space left on device");
  }

  @Test
  void aBugShowsItsTraceAndAsksToBeReported() {
    assertThat(explain(new IllegalStateException("permits were -1"))).isEqualTo(3);
    assertThat(err.toString())
        .contains("this is a bug in Millrace, please report it")
        .contains("permits were -1")
        .contains("\tat ");
  }

  private int explain(Exception failure) {
    return Main.explainFailure(failure, new PrintWriter(err, true));
  }

  private int run(String... args) {
    return Main.run(List.of(args), new PrintWriter(out), new PrintWriter(err));
  }
}
