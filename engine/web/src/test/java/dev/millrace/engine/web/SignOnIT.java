package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.spi.Access;
import dev.millrace.engine.web.spi.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may do what where visitors sign in. A user's name says the roles: {@code viewer-builder};
 * {@code mia} has all.
 */
@org.junit.jupiter.api.Timeout(20)
class SignOnIT {
  private static final String SESSION = "__session";
  private static final String JOB = "/job/" + TestObjects.FAILED;
  private static final Access BY_NAME =
      (user, role) ->
          user.filter(u -> u.name().equals("mia") || u.name().contains(role.toString()))
              .isPresent();

  private final ScriptedEngine engine = TestObjects.engine();
  private final ManualTime time = ManualTime.atNoon();
  private final PromptSignOn signOn = new PromptSignOn();
  private final HttpClient client = HttpClient.newHttpClient();
  private WebInterface web;

  SignOnIT() throws IOException {
    web = start(BY_NAME, "http://localhost");
  }

  private WebInterface start(Access access, String address) throws IOException {
    return WebInterface.start(
        WebConfig.defaults()
            .withAddress("127.0.0.1", 0)
            .withSubject(() -> Optional.of("a secret project"))
            .withSignOn(new SignOnConfig(signOn, access, URI.create(address))),
        engine,
        time,
        List.of());
  }

  @AfterEach
  void close() {
    client.shutdownNow();
    web.close();
  }

  private HttpResponse<String> send(String method, String path, String cookies, String form)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Cookie", cookies)
            .method(method, HttpRequest.BodyPublishers.ofString(form))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String cookies) throws Exception {
    return send("GET", path, cookies, "");
  }

  private static String cookie(HttpResponse<?> answer, String name) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith(name + "="))
        .findFirst()
        .orElseThrow();
  }

  private static String pair(String cookie) {
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private static String location(HttpResponse<?> answer) {
    assertThat(answer.statusCode()).isEqualTo(303);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  /** What the browser sends once it has come back. */
  private HttpResponse<String> comeBack(HttpResponse<?> begun) throws Exception {
    URI back = URI.create(location(begun));
    return get(back.getPath() + "?" + back.getQuery(), pair(cookie(begun, "__login")));
  }

  /** The session's cookie of a user who has signed in. */
  private String signIn(String name) throws Exception {
    signOn.setNext(name);
    return pair(cookie(comeBack(get("/login", "")), SESSION));
  }

  private String token(String page, String session) throws Exception {
    Matcher token =
        Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(get(page, session).body());
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  @Test
  void strangersAreAskedToSignInAndLearnNothing() throws Exception {
    HttpResponse<String> answer = get("/jobs?op=build", "");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body())
        .contains("Sign in first")
        .contains("href=\"/login?back=%2Fjobs%3Fop%3Dbuild\"")
        .contains("Sign in with Prompt")
        .doesNotContain("debian")
        .doesNotContain("a secret project");
    assertThat(get("/live/jobs", "").statusCode()).isEqualTo(403);
    assertThat(get("/health", "").statusCode()).isEqualTo(200);
  }

  @Test
  void whoSignsInComesBackToWhereTheyWere() throws Exception {
    HttpResponse<String> begun = get("/login?back=%2Fjobs%3Fop%3Dbuild", "");
    HttpResponse<String> answer = comeBack(begun);

    assertThat(cookie(begun, "__login")).contains("; Path=/login; Max-Age=600; HttpOnly");
    assertThat(location(answer)).isEqualTo("/jobs?op=build");
    assertThat(cookie(answer, "__login")).contains("Max-Age=0");
    String session = cookie(answer, SESSION);
    assertThat(session)
        .matches("__session=[A-Za-z0-9_-]{40}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
    assertThat(get("/jobs", pair(session)).body())
        .contains("Sign out mia")
        .contains("a secret project")
        .doesNotContain("Sign in with");
  }

  @Test
  void beyondThisMachineTheKeyGoesOverEncryptedConnectionsOnly() throws Exception {
    web.close();
    web = start(BY_NAME, "https://ci.example.org");
    HttpResponse<String> begun = get("/login", "");

    assertThat(location(begun)).startsWith("https://ci.example.org/login/prompt?code=mia&state=");
    assertThat(cookie(begun, "__Host-login")).contains("; Path=/; ").endsWith("; Secure");
    URI back = URI.create(location(begun));
    HttpResponse<String> answer =
        get(back.getPath() + "?" + back.getQuery(), pair(cookie(begun, "__Host-login")));
    String session = cookie(answer, "__Host-session");
    assertThat(session).contains("; Path=/; ").endsWith("; Secure").doesNotContain("Domain");
    assertThat(get("/jobs", pair(session)).body()).contains("Sign out mia");
    assertThat(get("/jobs", pair(session).replace("__Host-", "__")).statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "http://evil.example", "//evil.example", "/\\evil.example", "/%0d%0ax"})
  void theWayBackDoesNotLeadElsewhere(String back) throws Exception {
    assertThat(location(comeBack(get("/login?back=" + back.replace("\\", "%5C"), ""))))
        .isEqualTo("/");
  }

  @Test
  void aSignInThatWasBegunElsewhereIsRefused() throws Exception {
    HttpResponse<String> own = get("/login", "");
    URI other = URI.create(location(get("/login", "")));
    String foreign = other.getPath() + "?" + other.getQuery();

    for (String cookies : List.of("", pair(cookie(own, "__login")), "__login=", "__login=.")) {
      HttpResponse<String> answer = get(foreign, cookies);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
    }
    assertThat(get("/login/prompt?code=mia&state=", "__login=.").statusCode()).isEqualTo(400);
  }

  @Test
  void whatTheOtherSiteSaysIsToldToTheVisitor() throws Exception {
    signOn.setNext("nobody");
    HttpResponse<String> refused = comeBack(get("/login", ""));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("Prompt does not know you.");

    signOn.setNext("broken");
    HttpResponse<String> broken = comeBack(get("/login", ""));
    assertThat(broken.statusCode()).isEqualTo(503);
    assertThat(broken.body()).contains("Prompt cannot be asked who you are: it does not answer.");
  }

  /** Every address takes its one role: it alone is enough, and all the others are not. */
  @ParameterizedTest
  @CsvSource({
    "GET, /, VIEWER",
    "GET, /index.html, VIEWER",
    "GET, /pipeline.svg, VIEWER",
    "GET, /jobs, VIEWER",
    "GET, /query, VIEWER",
    "GET, /log-rules, VIEWER",
    "GET, /job/JOB, VIEWER",
    "GET, /job/JOB/log.txt, VIEWER",
    "GET, /job/JOB/lines?lines=1-2, VIEWER",
    "GET, /job/JOB/search?q=x, VIEWER",
    "GET, /job/JOB/error, VIEWER",
    "GET, /metrics, MONITOR",
    "GET, /log-rules/rules.csv, ADMIN",
    "POST, /log-rules, ADMIN",
    "POST, /set/confirm, ADMIN",
    "GET, /actions, ADMIN",
    "POST, /actions/end-sessions, ADMIN",
    "POST, /job/JOB/start, ADMIN",
    "POST, /job/JOB/rebuild, BUILDER",
    "POST, /job/JOB/cancel, BUILDER",
    "POST, /jobs/rebuild, BUILDER",
    "POST, /jobs/cancel, BUILDER",
    "POST, /query, BUILDER"
  })
  void eachAddressTakesItsRole(String method, String pattern, Role role) throws Exception {
    String path = pattern.replace("JOB", TestObjects.FAILED.value());
    String others =
        String.join(
            "-",
            java.util.Arrays.stream(Role.values())
                .filter(other -> other != role)
                .map(Role::toString)
                .toList());
    String lacking = signIn(others);
    String having = signIn(role.toString());
    String form = "level=none&pattern=a&report=b&score=1&add=1&job=" + TestObjects.FAILED;

    HttpResponse<String> refused =
        send(method, path, lacking, form + "&csrf=" + token("/nowhere", lacking));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("the role \"" + role + "\"");
    assertThat(engine.actions()).isEmpty();
    assertThat(engine.logRules().changes()).isEmpty();
    assertThat(send(method, path, having, form + "&csrf=" + token("/nowhere", having)).statusCode())
        .isNotEqualTo(403);
  }

  @Test
  void theEngineIsToldWhoActs() throws Exception {
    String session = signIn("viewer-builder");
    String token = token(JOB, session);

    assertThat(location(send("POST", JOB + "/rebuild", session, "csrf=" + token))).startsWith(JOB);

    assertThat(engine.actions())
        .containsExactly("rebuild " + TestObjects.FAILED + " prompt:viewer-builder");
    assertThat(get(JOB, session).body()).contains("<button class=\"btn primary\">Rebuild job");
    assertThat(get("/", session).body()).contains("takes the role \"admin\"");
  }

  @Test
  void aFormCarriesTheTokenOfItsSession() throws Exception {
    String mia = signIn("mia");
    String bob = signIn("viewer-builder");

    for (String token : List.of("", token(JOB, bob), token("/nowhere", ""), mia.substring(10))) {
      HttpResponse<String> answer = send("POST", JOB + "/rebuild", mia, "csrf=" + token);
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).contains("The page was out of date");
    }
    assertThat(engine.actions()).isEmpty();
  }

  @Test
  void whoSignsOutIsAStrangerEverywhere() throws Exception {
    String session = signIn("mia");
    String other = signIn("mia");
    assertThat(other).isNotEqualTo(session);
    assertThat(send("POST", "/logout", session, "").statusCode()).isEqualTo(403);
    assertThat(get("/logout", session).statusCode()).isEqualTo(405);
    assertThat(get("/jobs", session).statusCode()).isEqualTo(200);

    HttpResponse<String> answer =
        send("POST", "/logout", session, "csrf=" + token("/jobs", session));

    assertThat(location(answer)).isEqualTo("/");
    assertThat(cookie(answer, SESSION)).contains("Max-Age=0");
    assertThat(get("/jobs", session).statusCode()).isEqualTo(403);
    assertThat(get("/jobs", other).statusCode()).isEqualTo(200);
  }

  /**
   * Method: two open pages; the one of the session that ends hears nothing more, the other does.
   */
  @Test
  void anOpenPageHearsNothingMoreOnceItsSessionHasEnded() throws Exception {
    String session = signIn("mia");
    String other = signIn("mia");
    try (InputStream ended = stream(session);
        InputStream lasting = stream(other)) {
      assertThat(ended.read()).isPositive();
      assertThat(lasting.read()).isPositive();

      HttpResponse<String> answer =
          send("POST", "/logout", session, "csrf=" + token("/jobs", session));

      assertThat(answer.statusCode()).isEqualTo(303);
      readToEnd(ended);
      engine.setResult(StageState.PASSED, true);
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(lasting, StandardCharsets.UTF_8));
      assertThat(lines.lines().anyMatch(line -> line.contains("✓ Pipeline"))).isTrue();
    }
  }

  private InputStream stream(String session) throws Exception {
    HttpResponse<InputStream> answer =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + "/live/pipeline"))
                .header("Cookie", session)
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  /** How it ends does not matter: the server may close the connection in the middle. */
  private static void readToEnd(InputStream stream) {
    try {
      long _ = stream.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      assertThat(e).isNotNull();
    }
  }

  /** Method: somebody in two browsers, with a page open in one, and somebody else. */
  @Test
  void anAdministratorEndsAllSessionsOfOneUser() throws Exception {
    String mia = signIn("mia");
    String miasPhone = signIn("mia");
    String bob = signIn("viewer-builder");
    String admin = signIn("admin");
    String page = get("/actions", admin).body();
    assertThat(page).contains("End sessions of mia", "prompt:mia", ">2</td>");
    String token = "csrf=" + token("/actions", admin);
    assertThat(send("POST", "/actions/end-sessions", admin, token).statusCode()).isEqualTo(400);

    HttpResponse<String> answer =
        send("POST", "/actions/end-sessions", admin, token + "&user=prompt:mia");

    assertThat(location(answer)).isEqualTo("/actions?done=sessions");
    for (String ended : List.of(mia, miasPhone)) {
      assertThat(get("/jobs", ended).statusCode()).isEqualTo(403);
      assertThat(get("/live/jobs", ended).statusCode()).isEqualTo(403);
    }
    assertThat(get("/jobs", bob).statusCode()).isEqualTo(200);
    assertThat(get("/actions", admin).body()).doesNotContain("prompt:mia").contains("prompt:admin");
  }

  @Test
  void aSessionLastsAWeek() throws Exception {
    String session = signIn("mia");

    time.advance(Sessions.LIFE.minusSeconds(1));
    assertThat(get("/jobs", session).statusCode()).isEqualTo(200);
    time.advance(Duration.ofSeconds(1));
    assertThat(get("/jobs", session).statusCode()).isEqualTo(403);
  }

  @Test
  void aSessionOutlivesTheServer() throws Exception {
    String session = signIn("mia");
    web.close();
    web = start(BY_NAME, "http://localhost");

    assertThat(get("/jobs", session).body()).contains("Sign out mia");
    assertThat(engine.signIns().find(session.substring(session.indexOf('=') + 1))).isEmpty();
  }

  @Test
  void nobodyChoosesTheKeyOfASession() throws Exception {
    String chosen = SESSION + "=" + "a".repeat(40);
    HttpResponse<String> begun = get("/login", chosen);
    URI back = URI.create(location(begun));

    HttpResponse<String> answer =
        get(back.getPath() + "?" + back.getQuery(), chosen + "; " + pair(cookie(begun, "__login")));

    assertThat(pair(cookie(answer, SESSION))).isNotEqualTo(chosen);
    assertThat(get("/jobs", chosen).statusCode()).isEqualTo(403);
  }

  @Test
  void rolesThatEverybodyHasNeedNoSession() throws Exception {
    web.close();
    web = start((user, role) -> role == Role.VIEWER || user.isPresent(), "http://localhost");

    HttpResponse<String> answer = get("/jobs", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("Sign in with Prompt").contains("a secret project");
    assertThat(send("POST", "/jobs/rebuild", "", "csrf=" + token("/jobs", "")).statusCode())
        .isEqualTo(403);
  }

  @Test
  void withoutASignOnThereIsNothingToSignInTo() throws Exception {
    web.close();
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0), engine, time, List.of());

    assertThat(get("/login", "").statusCode()).isEqualTo(404);
    assertThat(get("/jobs", "").body()).doesNotContain("Sign in");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://ci.example.org", "https://ci.example.org/ci", "ci.example.org", "ftp://x"})
  void thePublicAddressMustBeSafe(String address) {
    assertThatThrownBy(() -> new SignOnConfig(signOn, BY_NAME, URI.create(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + address + "\"");
  }
}
