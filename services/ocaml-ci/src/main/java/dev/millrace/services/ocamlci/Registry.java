package dev.millrace.services.ocamlci;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Whether a registry of images answers, asked once and quickly. */
final class Registry {
  private static final String PUBLIC = "registry-1.docker.io";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String host;

  /** The registry {@code host[:port]}, or the public one. */
  Registry(Optional<String> host) {
    this.host = host.orElse(PUBLIC);
  }

  /** Empty if it answers, else why it does not. */
  Optional<String> whyUnreachable() throws InterruptedException {
    String scheme = isLoopback() ? "http" : "https";
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(scheme + "://" + host + "/v2/"))
              .timeout(PATIENCE)
              .build();
      // Any answer of the registry itself will do: it may well ask who we are.
      int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      return status == 200 || status == 401
          ? Optional.empty()
          : Optional.of("%s answers with status %d".formatted(host, status));
    } catch (IOException e) {
      String reason = e.getMessage();
      return Optional.of(
          "%s cannot be reached (%s)"
              .formatted(host, reason == null ? e.getClass().getSimpleName() : reason));
    } catch (IllegalArgumentException e) {
      throw new LocalException(
          LocalException.Kind.USAGE,
          "Cannot use \"%s\" as a registry: expected HOST or HOST:PORT".formatted(host),
          e);
    }
  }

  private boolean isLoopback() {
    return host.matches("(localhost|127\\.[0-9.]+|\\[::1])(:[0-9]+)?");
  }
}
