package dev.millrace.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class CommandLinesTest {
  private final StringWriter err = new StringWriter();

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
    return CommandLines.explainFailure("millrace", failure, new PrintWriter(err, true));
  }
}
