package dev.millrace.plugins.github;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks GitHub for JSON: one request, within a time, of a bounded size. Thread-safe. */
final class GitHubHttp {
  /** More than any answer that is asked for here. */
  static final int ANSWER_BYTES_MAX = 256 * 1024;

  private final Duration timeout;
  private final HttpClient client;
  private final JsonMapper json = JsonMapper.shared();

  GitHubHttp(Duration timeout) {
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  /**
   * Sends a request and reads the object that is answered.
   *
   * @throws IOException if there is no such answer; the message names the address, not what was
   *     sent
   */
  JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpRequest sent =
        request
            .timeout(timeout)
            .header("Accept", "application/json")
            .header("User-Agent", "Millrace")
            .build();
    HttpResponse<byte[]> answer = exchange(sent);
    if (answer.statusCode() != 200) {
      throw new IOException(
          "%s answered with status %d".formatted(place(sent), answer.statusCode()));
    }
    return parse(sent, answer.body());
  }

  /** The client's own time limit ends with the head of an answer; this one with its last byte. */
  private HttpResponse<byte[]> exchange(HttpRequest request)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "%s did not answer within %d ms".formatted(place(request), timeout.toMillis()), e);
    } catch (ExecutionException e) {
      throw new IOException("%s could not be asked: %s".formatted(place(request), describe(e)), e);
    } finally {
      boolean _ = answer.cancel(true);
    }
  }

  private static String describe(ExecutionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private JsonNode parse(HttpRequest request, byte[] body) throws IOException {
    try {
      JsonNode answer = json.readTree(body);
      if (answer.isObject()) {
        return answer;
      }
    } catch (JacksonException e) {
      throw new IOException(place(request) + " answered with something that is not JSON", e);
    }
    throw new IOException(place(request) + " answered with JSON that is no object");
  }

  private static String place(HttpRequest request) {
    URI uri = request.uri();
    return uri.getHost() + uri.getPath();
  }
}
