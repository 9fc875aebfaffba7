package dev.millrace.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CommandTest {
  @Test
  void mergesErrorOutputInOrderAndReturnsTheStatus() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    int status =
        Command.of("sh", "-c", "echo one; echo two >&2; echo three; exit 3")
            .run((buffer, length) -> out.write(buffer, 0, length));

    assertThat(status).isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\nthree\n");
  }

  @Test
  void readQuotesErrorOutputOfAFailure() {
    assertThatThrownBy(() -> Command.of("sh", "-c", "echo sorry >&2; exit 2").read(100))
        .isInstanceOf(ProcessException.class)
        .hasMessage("Command \"sh -c 'echo sorry >&2; exit 2'\" exited with status 2:\nsorry");
  }

  @Test
  void refusesMoreOutputThanAllowed() {
    assertThatThrownBy(() -> Command.of("sh", "-c", "echo 12345678").read(5))
        .isInstanceOf(ProcessException.class)
        .hasMessageContaining("printed more than 5 bytes");
  }

  @Test
  void killsTheWholeGroupAfterTheTimeLimit() {
    Command command =
        Command.of("sh", "-c", "sleep 60 & sleep 60").withTimeLimit(Duration.ofMillis(200));

    assertThatThrownBy(() -> command.run((_, _) -> {}))
        .isInstanceOf(ProcessException.class)
        .hasMessageContaining("took longer than");
  }

  @Test
  void doesNotWaitForWhatTheProcessLeftBehind() throws Exception {
    assertThat(Command.of("sh", "-c", "sleep 60 & exit 0").run((_, _) -> {})).isZero();
  }

  @Test
  void whoHasNothingMoreToWriteIsInterruptedWhenTheProcessEnds() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    Command command =
        Command.of("true")
            .withInput(
                _ -> {
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    interrupted.countDown();
                  }
                });

    assertThat(command.run((_, _) -> {})).isZero();
    // The process may have ended before anybody began to write.
    assertThat(
            Command.of("sleep", "0.2").withInput(command.input().orElseThrow()).run((_, _) -> {}))
        .isZero();
    assertThat(interrupted.getCount()).isZero();
  }

  @Test
  void interruptionKillsTheProcess() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    int _ =
                        Command.of("sh", "-c", "echo up; sleep 60")
                            .run((_, _) -> started.countDown());
                  } catch (Exception e) {
                    // Expected: interrupted.
                  }
                });
    started.await();

    thread.interrupt();

    assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void givesInputAndEnvironment() throws Exception {
    String output =
        Command.of("sh", "-c", "cat; echo $COLOUR")
            .withEnvironment(Map.of("COLOUR", "green", "PATH", "/usr/bin:/bin"))
            .withInput(stream -> stream.write("hello ".getBytes(StandardCharsets.UTF_8)))
            .read(1000);

    assertThat(output).isEqualTo("hello green\n");
  }
}
