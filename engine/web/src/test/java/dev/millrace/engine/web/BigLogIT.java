package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: however big a log is, its page, its end and the begin of its download come at once, and
 * take no memory in proportion. Method: a log of 1 GB that is made while it is read says how much
 * was read for an answer, which does not depend on what else the machine does.
 */
@Timeout(60)
class BigLogIT {
  private static final JobId JOB = TestObjects.job(70, "big");
  private static final long LINES = (1L << 30) / GeneratedLog.LINE_BYTES;
  private static final long CHUNK_MAX = 256 * 1024;

  private final ScriptedEngine engine = new ScriptedEngine();
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebInterface web;

  BigLogIT() throws IOException {
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0),
            engine,
            InstantSource.fixed(TestObjects.NOW),
            List.of());
  }

  @AfterEach
  void close() {
    client.shutdownNow();
    web.close();
  }

  private GeneratedLog log(long lines) {
    GeneratedLog log = new GeneratedLog(lines);
    engine.addJob(TestObjects.summary(JOB, "build", "big", StageState.PASSED), ScriptedLog.of(""));
    engine.setLog(JOB, log);
    return log;
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + web.port() + "/job/" + JOB + path))
        .build();
  }

  private String get(String path) throws Exception {
    HttpResponse<String> answer = client.send(request(path), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void thePageShowsTheHeadAndSaysHowFarItIs() throws Exception {
    GeneratedLog log = log(LINES);

    String page = get("");

    assertThat(page)
        .contains(GeneratedLog.line(1), GeneratedLog.line(LogWindow.HEAD))
        .doesNotContain(GeneratedLog.line(LogWindow.HEAD + 1))
        .contains("The log is being read: 2 % of 1,073 MB so far.");
    assertThat(log.bytesRead()).isBetween(LogIndex.STEP, LogIndex.STEP + 2_000_000);
    assertThat(get("/lines?lines=100000-100001"))
        .contains(GeneratedLog.line(100_000), GeneratedLog.line(100_001));
    assertThat(log.bytesReadAtOnce()).isLessThanOrEqualTo(CHUNK_MAX);
  }

  @Test
  void theEndComesAtOnce() throws Exception {
    GeneratedLog log = log(LINES);

    String end = get("/log.txt?end=1");

    assertThat(end).endsWith(GeneratedLog.line(LINES) + "\n");
    assertThat(end.lines().findFirst())
        .contains(GeneratedLog.line(LINES - end.length() / GeneratedLog.LINE_BYTES + 1));
    assertThat(log.bytesRead()).isLessThan(200_000);
  }

  @Test
  void aDownloadBeginsAtOnceAndIsReadAsItIsTaken() throws Exception {
    GeneratedLog log = log(LINES);

    HttpResponse<InputStream> answer =
        client.send(request("/log.txt?download=1"), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      String first =
          new String(body.readNBytes(GeneratedLog.LINE_BYTES - 1), StandardCharsets.UTF_8);

      assertThat(first).isEqualTo(GeneratedLog.line(1));
      // What is under way in sockets and buffers, on both sides, and no more.
      assertThat(log.bytesRead()).isLessThan(64_000_000);
    }
    assertThat(log.bytesReadAtOnce()).isLessThanOrEqualTo(CHUNK_MAX);
  }

  @Test
  void stepsLeadToTheEndAndThenTheTailIsShown() throws Exception {
    long lines = 3 * LogIndex.STEP / GeneratedLog.LINE_BYTES / 2;
    log(lines);

    assertThat(get("")).contains("The log is being read: 66 %");
    String whole = get("");

    assertThat(whole)
        .contains(GeneratedLog.line(1), GeneratedLog.line(lines), "%,d lines.".formatted(lines))
        .doesNotContain("being read");
  }

  /**
   * An open page hears how far it is, and that it is to be shown anew; no line too many is sent.
   */
  @Test
  void anOpenPageHearsWhenTheLogIsRead() throws Exception {
    long lines = 3 * LogIndex.STEP / GeneratedLog.LINE_BYTES / 2;
    log(lines);

    String events =
        client
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/live/job/%s?line=2000".formatted(web.port(), JOB)))
                    .build(),
                BodyHandlers.ofString())
            .body();

    assertThat(events)
        .contains("All of the log has been read", "event: end")
        .doesNotContain("event: log");
    assertThat(events.length()).isLessThan(100_000);
  }
}
