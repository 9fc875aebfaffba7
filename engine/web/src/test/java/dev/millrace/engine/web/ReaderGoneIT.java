package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers who go away before they have heard all, as browsers do when a page is left: counted, and
 * nobody's fault. What does go wrong here is told all the same.
 *
 * <p>A client whose buffer is small and who reads nothing makes the server wait in the middle of
 * its answer; then the client resets the connection.
 */
@Timeout(60)
class ReaderGoneIT {
  private static final JobId BIG = TestObjects.job(50, "big");

  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;

  ReaderGoneIT() throws IOException {
    web = Sites.start(engine, 0);
    engine.addJob(
        TestObjects.summary(BIG, "build", "big", StageState.PASSED), ScriptedLog.of(noise()));
  }

  /** Text that stays big when it is compressed. */
  private static String noise() {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < 12_000; line++) {
      for (int i = 0; i < 60; i++) {
        text.append(Long.toString(random.nextLong(), 36));
      }
      text.append('\n');
    }
    return text.toString();
  }

  @AfterEach
  void close() {
    web.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/job/2026-03-04/100050-big-000032",
        "/job/2026-03-04/100050-big-000032/lines?lines=1-10000",
        "/job/2026-03-04/100050-big-000032/log.txt",
        "/job/2026-03-04/100050-big-000032/log.txt?download=1",
        "/live/job/2026-03-04/100050-big-000032",
      })
  void whoLeavesInTheMiddleIsNoFailure(String path) throws Exception {
    leave("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", true);

    assertThatNobodyFailed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/job/2026-03-04/100050-big-000032",
        "/job/2026-03-04/100050-big-000032/log.txt",
      })
  void whoLeavesInTheMiddleOfWhatIsCompressedIsNoFailure(String path) throws Exception {
    leave("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n", true);

    assertThatNobodyFailed();
  }

  @Test
  void whoLeavesWhileAPageIsQuietIsNoFailure() throws Exception {
    leave("GET /live/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n", true);

    // The first news may still fit into what the kernel keeps for a reader that it has not missed.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              engine.publish();
              engine.addJob(
                  TestObjects.summary(BIG, "build", "big " + count("requests"), StageState.PASSED),
                  ScriptedLog.of(""));
              return count("readers_gone") + count("failures") > 0;
            });
    assertThatNobodyFailed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/lines?lines=1-10", "/search?q=x", "/error"})
  void whoLeavesBeforeThePageIsMadeIsNoFailure(String page) throws Exception {
    JobId slow = TestObjects.job(52, "slow");
    SlowLog log = new SlowLog();
    engine.addJob(
        TestObjects.summary(slow, "build", "slow", StageState.PASSED), ScriptedLog.of(""));
    engine.setLog(slow, log);

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.port())) {
      String request = "GET /job/" + slow + page + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      log.asked.await();
      socket.setSoLinger(true, 0);
    }
    log.answer.countDown();

    assertThatNobodyFailed();
  }

  @Test
  void whoLeavesInTheMiddleOfAFormIsNoFailure() throws Exception {
    leave(
        "POST /theme HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\n\r\ntheme=dark",
        false);

    assertThatNobodyFailed();
  }

  @Test
  void aLogThatCannotBeReadIsAFailure() throws Exception {
    JobId broken = TestObjects.job(51, "broken");
    engine.addJob(
        TestObjects.summary(broken, "build", "broken", StageState.PASSED), ScriptedLog.of(""));
    engine.setLog(broken, new UnreadableLog());

    try (HttpClient client = HttpClient.newHttpClient()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + web.port() + "/job/" + broken))
                  .build(),
              BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).contains("Reference:");
    }
    assertThat(count("failures")).isEqualTo(1);
    assertThat(count("readers_gone")).isZero();
  }

  /** Asks, waits for the answer to begin if there is to be one, and cuts the connection. */
  private void leave(String request, boolean answered) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), web.port()));
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      if (answered) {
        socket.setSoTimeout(20_000);
        assertThat(socket.getInputStream().readNBytes(8))
            .isEqualTo("HTTP/1.1".getBytes(StandardCharsets.UTF_8));
      }
      socket.setSoLinger(true, 0);
    }
  }

  private void assertThatNobodyFailed() throws Exception {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> count("readers_gone") + count("failures") > 0);
    assertThat(count("failures")).as("failures").isZero();
    assertThat(count("readers_gone")).as("readers gone").isEqualTo(1);
  }

  private long count(String what) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String metrics =
          client
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + "/metrics"))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      Matcher line =
          Pattern.compile("^millrace_web_" + what + "_total (\\d+)$", Pattern.MULTILINE)
              .matcher(metrics);
      assertThat(line.find()).as("%s in %s", what, metrics).isTrue();
      return Long.parseLong(line.group(1));
    }
  }

  /** A log that is read once the test says so. */
  private static final class SlowLog implements JobLog {
    private final ScriptedLog text = ScriptedLog.of("x\n");
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    @Override
    public long size() {
      return text.size();
    }

    @Override
    public byte[] read(long offset, int lengthMax) throws IOException {
      asked.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
      return text.read(offset, lengthMax);
    }

    @Override
    public boolean isComplete() {
      return true;
    }

    @Override
    public void awaitGrowth(long offset, Duration timeout) {}
  }

  /** A log whose disk has died. */
  private static final class UnreadableLog implements JobLog {
    @Override
    public long size() {
      return 100;
    }

    @Override
    public byte[] read(long offset, int lengthMax) throws IOException {
      throw new IOException("Input/output error");
    }

    @Override
    public boolean isComplete() {
      return true;
    }

    @Override
    public void awaitGrowth(long offset, Duration timeout) {}
  }
}
