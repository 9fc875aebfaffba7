package dev.millrace.oci;

import dev.millrace.base.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One GET at a registry: says who we are, gets the token that it asks for, follows redirections
 * without giving our secrets to others. Thread-safe. Reference: the OCI distribution specification,
 * and Docker's "Token Authentication Specification".
 */
final class RegistryHttp implements AutoCloseable {
  private static final int REDIRECTIONS_MAX = 5;
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final int TOKEN_BYTES_MAX = 1 << 20;
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final RegistryConfig config;
  private final HttpClient client;

  /** What to say, by registry and repository. */
  private final Map<String, Secret> authorizations = new ConcurrentHashMap<>();

  RegistryHttp(RegistryConfig config) {
    this.config = config;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                config.timeout().compareTo(CONNECT_MAX) < 0 ? config.timeout() : CONNECT_MAX)
            .build();
  }

  /**
   * Asks for {@code /v2/REPOSITORY/PATH}, from a byte on if one is given. The caller closes the
   * body.
   */
  HttpResponse<InputStream> get(ImageReference image, String path, String accept, OptionalLong from)
      throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "%s://%s/v2/%s/%s".formatted(scheme(image), host(image), image.repository(), path));
    String key = image.registry() + "/" + image.repository();
    HttpResponse<InputStream> response =
        follow(uri, accept, from, Optional.ofNullable(authorizations.get(key)));
    if (response.statusCode() != 401) {
      return response;
    }
    String challenge = response.headers().firstValue("WWW-Authenticate").orElse("");
    response.body().close();
    Optional<Secret> authorization = authorize(image, challenge);
    if (authorization.isEmpty()) {
      throw new OciException(
          "Cannot get \"%s\": the registry wants to know who we are; log in with: docker login %s"
              .formatted(image, image.registry()));
    }
    authorizations.put(key, authorization.get());
    return follow(uri, accept, from, authorization);
  }

  private String scheme(ImageReference image) {
    return config.isPlain(image.registry()) ? "http" : "https";
  }

  private static String host(ImageReference image) {
    return image.registry().equals(ImageReference.DOCKER_HUB)
        ? "registry-1.docker.io"
        : image.registry();
  }

  private HttpResponse<InputStream> follow(
      URI start, String accept, OptionalLong from, Optional<Secret> authorization)
      throws IOException, InterruptedException {
    URI uri = start;
    for (int i = 0; i <= REDIRECTIONS_MAX; i++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri).timeout(config.timeout()).header("Accept", accept);
      from.ifPresent(first -> request.header("Range", "bytes=" + first + "-"));
      if (authorization.isPresent() && uri.getAuthority().equals(start.getAuthority())) {
        request.header("Authorization", authorization.get().reveal());
      }
      HttpResponse<InputStream> response = send(request.build());
      Optional<String> location = response.headers().firstValue("Location");
      if (response.statusCode() / 100 != 3 || location.isEmpty()) {
        return response;
      }
      response.body().close();
      URI next = uri.resolve(location.get());
      if (uri.getScheme().equals("https") && !"https".equals(next.getScheme())) {
        throw new OciException(
            "Cannot get \"%s\": it leads from https to \"%s\"".formatted(start, next.getScheme()));
      }
      uri = next;
    }
    throw new OciException(
        "Cannot get \"%s\": more than %d redirections".formatted(start, REDIRECTIONS_MAX));
  }

  private HttpResponse<InputStream> send(HttpRequest request)
      throws IOException, InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new OciException(
          "Cannot reach \"%s\": %s".formatted(request.uri().getAuthority(), reason), e, true);
    }
  }

  /** What a challenge asks for; empty if we have nothing to say. */
  private Optional<Secret> authorize(ImageReference image, String challenge)
      throws IOException, InterruptedException {
    Optional<Secret> basic =
        config.credentials().find(image.registry()).map(s -> Secret.of("Basic " + s.reveal()));
    if (!challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return basic;
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    Matcher matcher = PARAMETER.matcher(challenge);
    while (matcher.find()) {
      parameters.put(matcher.group(1), matcher.group(2));
    }
    String realm = parameters.getOrDefault("realm", "");
    boolean secure = realm.startsWith("https://");
    if (!secure && !(realm.startsWith("http://") && config.isPlain(image.registry()))) {
      throw new OciException(
          "Cannot get a token for \"%s\": the address \"%s\" must begin with https"
              .formatted(image, realm));
    }
    String scope = parameters.getOrDefault("scope", "repository:" + image.repository() + ":pull");
    String query = "scope=" + encode(scope);
    if (parameters.containsKey("service")) {
      query = "service=" + encode(parameters.getOrDefault("service", "")) + "&" + query;
    }
    URI uri = URI.create(realm + (realm.contains("?") ? "&" : "?") + query);
    HttpResponse<InputStream> response =
        follow(uri, "application/json", OptionalLong.empty(), basic);
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(TOKEN_BYTES_MAX);
      if (response.statusCode() != 200) {
        throw new OciException(
            "Cannot get a token for \"%s\": \"%s\" answered %d"
                .formatted(image, uri.getAuthority(), response.statusCode()),
            null,
            response.statusCode() >= 500);
      }
      return Optional.of(Secret.of("Bearer " + token(bytes, image)));
    }
  }

  private static String token(byte[] answer, ImageReference image) throws OciException {
    try {
      JsonNode json = new JsonMapper().readTree(answer);
      String token = json.path("token").asString(json.path("access_token").asString(""));
      if (!token.isEmpty()) {
        return token;
      }
    } catch (JacksonException e) {
      // Not the cause: its message quotes the answer.
    }
    throw new OciException("Cannot get a token for \"%s\": the answer has none".formatted(image));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
