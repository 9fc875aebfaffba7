package dev.millrace.plugins.github;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The other side of the sign-on, on this machine: it gives out codes for one app, exchanges each
 * once, for the verifier that belongs to its challenge, and says whose a token is. What it answers
 * can be made wrong. Thread-safe.
 */
final class GitHubPeer implements AutoCloseable {
  static final String CLIENT = "Iv1.0123";
  static final String SECRET = "s3cret-of-the-app";
  static final String BACK = "http://localhost/login/github";

  /** What is wrong with an answer. */
  enum Fault {
    NONE,
    /** Nothing is answered until the peer is closed. */
    SILENCE,
    /** The head comes, and then one byte now and then. */
    DRIP,
    /** More bytes than anybody needs. */
    ENDLESS,
    NO_JSON,
    NO_OBJECT,
    STATUS_500,
    /** It leads to another place. */
    REDIRECT,
    EMPTY_OBJECT,
    /** The number of the account is a text. */
    TEXT_ID,
    /** The number of the account does not fit, or is none. */
    HUGE_ID,
    ZERO_ID,
    HOSTILE_LOGIN
  }

  private record Grant(String challenge, String back) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Grant> codes = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long id = 1234;
  private volatile String login = "mia";
  private volatile Fault tokenFault = Fault.NONE;
  private volatile Fault userFault = Fault.NONE;
  private volatile boolean denying;
  private volatile String lastAuthorization = "";

  GitHubPeer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/login/oauth/authorize", this::authorize);
    server.createContext("/login/oauth/access_token", this::token);
    server.createContext("/api/v3/user", this::user);
    server.setExecutor(threads);
    server.start();
  }

  URI site() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void setUser(long number, String name) {
    id = number;
    login = name;
  }

  void setTokenFault(Fault fault) {
    tokenFault = fault;
  }

  void setUserFault(Fault fault) {
    userFault = fault;
  }

  void deny() {
    denying = true;
  }

  /** What it was told as authorization by whoever asked for a user. */
  String lastAuthorization() {
    return lastAuthorization;
  }

  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> query = parse(exchange.getRequestURI().getRawQuery());
    boolean known = CLIENT.equals(query.get("client_id")) && BACK.equals(query.get("redirect_uri"));
    if (!known || !"S256".equals(query.get("code_challenge_method"))) {
      answer(exchange, 400, "no such app, or no challenge");
      return;
    }
    String state = Objects.requireNonNull(query.get("state"));
    String code = "code" + numbers.incrementAndGet();
    codes.put(code, new Grant(Objects.requireNonNull(query.get("code_challenge")), BACK));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            BACK
                + (denying
                    ? "?error=access_denied&error_description=The+user+has+denied&state=" + state
                    : "?code=" + code + "&state=" + state));
    answer(exchange, 302, "");
  }

  private void token(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> form = parse(body);
    if (isFaulty(exchange, tokenFault)) {
      return;
    }
    boolean known =
        CLIENT.equals(form.get("client_id")) && SECRET.equals(form.get("client_secret"));
    if (!known) {
      answer(exchange, 200, "{\"error\":\"incorrect_client_credentials\"}");
      return;
    }
    Optional<Grant> grant = Optional.ofNullable(codes.remove(form.getOrDefault("code", "")));
    boolean good =
        grant
            .filter(g -> g.back.equals(form.get("redirect_uri")))
            .filter(g -> g.challenge.equals(challenge(form.getOrDefault("code_verifier", ""))))
            .isPresent();
    answer(
        exchange,
        200,
        good
            ? "{\"access_token\":\"gho_16C7e42F292c6912E7\",\"scope\":\"\",\"token_type\":\"bearer\"}"
            : "{\"error\":\"bad_verification_code\",\"error_description\":\"The code passed is incorrect or expired.\"}");
  }

  private void user(HttpExchange exchange) throws IOException {
    lastAuthorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    if (isFaulty(exchange, userFault)) {
      return;
    }
    if (!lastAuthorization.equals("Bearer gho_16C7e42F292c6912E7")) {
      answer(exchange, 401, "{\"message\":\"Bad credentials\"}");
      return;
    }
    String number =
        switch (userFault) {
          case TEXT_ID -> "\"1234\"";
          case HUGE_ID -> "99999999999999999999999";
          case ZERO_ID -> "0";
          default -> Long.toString(id);
        };
    String name = userFault == Fault.HOSTILE_LOGIN ? "<script>\\u202e" : login;
    answer(exchange, 200, "{\"id\":%s,\"login\":\"%s\",\"name\":null}".formatted(number, name));
  }

  /** Answers wrongly, if that is what is wanted. */
  private boolean isFaulty(HttpExchange exchange, Fault fault) throws IOException {
    switch (fault) {
      case NONE, TEXT_ID, HUGE_ID, ZERO_ID, HOSTILE_LOGIN -> {
        return false;
      }
      case SILENCE -> {
        boolean _ = awaitClose(60_000);
      }
      case DRIP -> drip(exchange);
      case ENDLESS -> answer(exchange, 200, "{\"x\":\"" + "y".repeat(4_000_000) + "\"}");
      case NO_JSON -> answer(exchange, 200, "access_token=gho_16C7e42F292c6912E7");
      case NO_OBJECT -> answer(exchange, 200, "[{\"access_token\":\"x\",\"id\":1}]");
      case STATUS_500 -> answer(exchange, 500, "{\"access_token\":\"x\",\"id\":1}");
      case REDIRECT -> {
        exchange.getResponseHeaders().set("Location", site() + "/api/v3/user");
        answer(exchange, 307, "");
      }
      case EMPTY_OBJECT -> answer(exchange, 200, "{}");
    }
    return true;
  }

  private void drip(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      while (!awaitClose(50)) {
        out.write(' ');
        out.flush();
      }
    }
  }

  private boolean awaitClose(long millis) {
    try {
      return closed.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    } finally {
      exchange.close();
    }
  }

  static Map<String, String> parse(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      pairs.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return pairs;
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
