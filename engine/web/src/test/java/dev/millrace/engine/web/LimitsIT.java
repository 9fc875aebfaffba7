package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each limit of a request at its value, one beyond, and far beyond; the message names the value.
 */
@Timeout(30)
class LimitsIT {
  private static final String JOB = "/job/" + TestObjects.FAILED;

  private final HttpClient client = HttpClient.newHttpClient();
  private final WebInterface web;
  private final String token;

  LimitsIT() throws Exception {
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0),
            TestObjects.engine(),
            InstantSource.fixed(TestObjects.NOW),
            List.of());
    Matcher found = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(get("/").body());
    assertThat(found.find()).isTrue();
    token = found.group(1);
  }

  @AfterEach
  void close() {
    client.shutdownNow();
    web.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(int length) throws IOException, InterruptedException {
    String start = "level=none&csrf=" + token + "&x=";
    return client.send(
        request("/set/confirm")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(start + "y".repeat(length - start.length())))
            .build(),
        BodyHandlers.ofString());
  }

  private static void assertRefused(HttpResponse<String> answer, int status, long limit) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(Long.toString(limit));
  }

  @Test
  void aForm() throws Exception {
    int max = Exchange.FORM_BYTES_MAX;

    assertThat(post(max).statusCode()).isEqualTo(303);
    assertRefused(post(max + 1), 413, max);
    assertRefused(post(10 * max), 413, max);
  }

  @Test
  void theParametersOfAnAddress() throws Exception {
    int max = Parameters.PAIRS_MAX;

    assertThat(get("/jobs?" + "a=&".repeat(max)).statusCode()).isEqualTo(200);
    assertRefused(get("/jobs?" + "a=&".repeat(max + 1)), 400, max);
    // So long that it does not come to reading them.
    assertThat(get("/jobs?" + "a&".repeat(5 * max)).statusCode()).isBetween(400, 499);
  }

  @Test
  void whatIsSearchedFor() throws Exception {
    int max = LogSearch.CHARS_MAX;

    assertThat(get(JOB + "/search?q=" + "x".repeat(max)).statusCode()).isEqualTo(200);
    assertRefused(get(JOB + "/search?q=" + "x".repeat(max + 1)), 400, max);
    assertRefused(get(JOB + "/search?q=" + "x".repeat(10 * max)), 400, max);
  }

  @Test
  void theLinesOfALogAreCutToWhatMayBeAskedFor() {
    long max = LogWindow.RANGE_MAX;

    assertThat(LogWindow.range(1, max, 10 * max).ranges())
        .containsExactly(new LogWindow.Range(1, max));
    assertThat(LogWindow.range(1, 10 * max, 10 * max).ranges())
        .containsExactly(new LogWindow.Range(1, max));
  }
}
