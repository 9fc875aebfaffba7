package dev.millrace.plugins.github;

import dev.millrace.engine.web.spi.SignOn;
import dev.millrace.engine.web.spi.User;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/**
 * Signing in with GitHub: OAuth 2's authorization code flow (RFC 6749) with PKCE (RFC 7636), as
 * GitHub's "Authorizing OAuth apps" describes it. Immutable, thread-safe.
 *
 * <p>It asks for no scope: who somebody is can be asked without. The token is used once and
 * forgotten. PKCE's verifier is made of the state by a key of this process, so that nothing is kept
 * between leaving and coming back; a sign-in that spans a restart is begun again.
 */
public final class GitHubSignOn implements SignOn {
  /** What users' ids begin with: {@code github:1234}. */
  public static final String NAME = "github";

  /** What people call it. */
  static final String LABEL = "GitHub";

  private static final int KEY_BYTES = 32;
  private static final int REASON_MAX = 200;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final GitHubSignOnConfig config;
  private final GitHubHttp http;
  private final SecretKeySpec key;

  private GitHubSignOn(GitHubSignOnConfig config) {
    this.config = config;
    this.http = new GitHubHttp(config.timeout());
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, "HmacSHA256");
  }

  /** A sign-on at one GitHub. */
  public static GitHubSignOn create(GitHubSignOnConfig config) {
    return new GitHubSignOn(config);
  }

  /**
   * Checks that an id of a user names a GitHub account by its number.
   *
   * @throws IllegalArgumentException if it does not, with what to do
   */
  public static String requireUserId(String id) {
    if (!id.matches(NAME + ":[1-9][0-9]{0,18}")) {
      throw new IllegalArgumentException(
          "Cannot tell who \"%s\" is: expected github:NUMBER, with the number that https://api.github.com/users/NAME calls id. Names can be given up and taken by others."
              .formatted(id));
    }
    return id;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String label() {
    return LABEL;
  }

  @Override
  public URI begin(String state, URI back) {
    SequencedMap<String, String> query = new LinkedHashMap<>();
    query.put("client_id", config.clientId());
    query.put("redirect_uri", back.toString());
    query.put("state", state);
    query.put("code_challenge", challenge(verifier(state)));
    query.put("code_challenge_method", "S256");
    return config.site().resolve("/login/oauth/authorize?" + encode(query));
  }

  @Override
  public Answer finish(Map<String, List<String>> query, URI back)
      throws IOException, InterruptedException {
    Optional<String> issuer = single(query, "iss");
    if (query.containsKey("iss") && !issuer.equals(Optional.of(config.site().toString()))) {
      return new Answer.Refused("This answer is not from the GitHub that you were sent to.");
    }
    if (query.containsKey("error")) {
      return refusedThere(query);
    }
    Optional<String> code = single(query, "code");
    Optional<String> state = single(query, "state");
    if (code.isEmpty() || state.isEmpty()) {
      return new Answer.Refused("GitHub sent you back without a code.");
    }
    return exchange(code.get(), verifier(state.get()), back);
  }

  private static Optional<String> single(Map<String, List<String>> query, String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
  }

  private static Answer refusedThere(Map<String, List<String>> query) {
    String error = query.getOrDefault("error", List.of("")).getFirst();
    return new Answer.Refused(
        error.equals("access_denied")
            ? "You told GitHub not to say who you are."
            : "GitHub did not say who you are: " + cut(error));
  }

  /** The code for a token, and the token for a user. */
  private Answer exchange(String code, String verifier, URI back)
      throws IOException, InterruptedException {
    SequencedMap<String, String> form = new LinkedHashMap<>();
    form.put("client_id", config.clientId());
    form.put("client_secret", config.clientSecret().reveal());
    form.put("code", code);
    form.put("redirect_uri", back.toString());
    form.put("code_verifier", verifier);
    JsonNode answer =
        http.send(
            HttpRequest.newBuilder(config.site().resolve("/login/oauth/access_token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encode(form))));
    String error = answer.path("error").asString("");
    return switch (error) {
      case "" -> user(token(answer));
      case "incorrect_client_credentials", "redirect_uri_mismatch" ->
          throw new IOException(
              "GitHub does not know this site by its client id, secret and address (%s)"
                  .formatted(error));
      default -> new Answer.Refused("GitHub does not accept this sign-in: " + cut(error));
    };
  }

  private static String token(JsonNode answer) throws IOException {
    String token = answer.path("access_token").asString("");
    if (!token.matches("[\\x21-\\x7e]{1,1000}")) {
      throw new IOException("GitHub answered without a token");
    }
    return token;
  }

  private Answer user(String token) throws IOException, InterruptedException {
    JsonNode user =
        http.send(
            HttpRequest.newBuilder(config.api().resolve("user"))
                .header("Authorization", "Bearer " + token)
                .header("X-GitHub-Api-Version", "2022-11-28"));
    JsonNode id = user.path("id");
    String login = user.path("login").asString("");
    if (!id.isIntegralNumber() || !id.canConvertToLong() || id.longValue() <= 0) {
      throw new IOException("GitHub answered without the number of your account");
    }
    if (!login.matches("[A-Za-z0-9_-]{1,100}(\\[bot])?")) {
      throw new IOException("GitHub answered without the name of your account");
    }
    return new Answer.Known(new User(NAME + ":" + id.longValue(), login));
  }

  private static String cut(String text) {
    return text.length() <= REASON_MAX ? text : text.substring(0, REASON_MAX) + "…";
  }

  private static String encode(SequencedMap<String, String> pairs) {
    return pairs.entrySet().stream()
        .map(
            pair ->
                pair.getKey() + "=" + URLEncoder.encode(pair.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private String verifier(String state) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return BASE64.encodeToString(mac.doFinal(state.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has HmacSHA256", e);
    }
  }

  private static String challenge(String verifier) {
    try {
      return BASE64.encodeToString(
          MessageDigest.getInstance("SHA-256")
              .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
