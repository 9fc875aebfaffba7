package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.TestEngine;
import dev.millrace.engine.web.spi.Access;
import dev.millrace.engine.web.spi.Markup;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.WebPage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds for every address there is, as the router itself lists them: one that is added is
 * tested without anybody thinking of it, and missing in the golden table until somebody has.
 */
@Timeout(120)
class EveryAddressIT {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/addresses.txt");
  private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "DELETE");
  private static final List<String> VISITORS =
      List.of("stranger", "guest", "viewer", "builder", "monitor", "admin", "mia");
  private static final Access BY_NAME =
      (user, role) ->
          user.filter(u -> u.name().equals("mia") || u.name().equals(role.toString())).isPresent();

  private final ScriptedEngine engine = TestObjects.engine();
  private final PromptSignOn signOn = new PromptSignOn();
  private final HttpClient client = HttpClient.newHttpClient();
  private WebInterface web;

  EveryAddressIT() throws IOException {
    TestObjects.addKnowledge(engine);
    web = start("http://localhost");
  }

  private WebInterface start(String address) throws IOException {
    return WebInterface.start(
        WebConfig.defaults()
            .withAddress("127.0.0.1", 0)
            .withPages(List.of(new Extra()))
            .withSignOn(new SignOnConfig(signOn, BY_NAME, URI.create(address))),
        engine,
        InstantSource.fixed(TestObjects.NOW),
        List.of());
  }

  /** What a service adds. */
  private static final class Extra implements WebPage {
    @Override
    public String route() {
      return "/extra/";
    }

    @Override
    public Optional<String> navLabel() {
      return Optional.empty();
    }

    @Override
    public Optional<Body> show(Request request) {
      return Optional.of(new Body("Extra", Optional.empty(), List.of(), Markup.EMPTY, false));
    }
  }

  @AfterEach
  void close() {
    client.shutdownNow();
    web.close();
  }

  /** An address of a route where there is something. */
  static String sample(String pattern) {
    return pattern
            .replace("{date}/{name}", TestObjects.FAILED.value())
            .replace("{id}", "4")
            .replaceFirst("^/assets/$", "/assets/style.css")
            .replaceFirst("/extra/$", "/extra/x")
        + (pattern.endsWith("/lines") ? "?lines=1-2" : "");
  }

  private List<String> samples() {
    return web.routes().stream().map(route -> sample(route.pattern())).distinct().toList();
  }

  private HttpResponse<InputStream> send(
      String method, String path, String cookie, String form, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.port() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Cookie", cookie)
            .method(
                method,
                method.equals("GET") || method.equals("HEAD")
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(form));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofInputStream());
  }

  private int status(String method, String path, String cookie, String form, String... headers)
      throws Exception {
    HttpResponse<InputStream> answer = send(method, path, cookie, form, headers);
    // An event stream has no end: its head is all that is waited for.
    answer.body().close();
    return answer.statusCode();
  }

  private static String pair(HttpResponse<?> answer, String name) {
    String cookie =
        answer.headers().allValues("Set-Cookie").stream()
            .filter(each -> each.startsWith(name + "="))
            .findFirst()
            .orElseThrow();
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private String signIn(String name) throws Exception {
    signOn.setNext(name);
    HttpResponse<InputStream> begun = send("GET", "/login", "", "");
    URI back = URI.create(begun.headers().firstValue("Location").orElseThrow());
    return pair(
        send("GET", back.getPath() + "?" + back.getQuery(), pair(begun, "__login"), ""),
        "__session");
  }

  private String token(String cookie) throws Exception {
    try (InputStream body = send("GET", "/nowhere", cookie, "").body()) {
      Matcher token =
          Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"")
              .matcher(new String(body.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(token.find()).isTrue();
      return token.group(1);
    }
  }

  /**
   * Goal: who may do what is a table, and nothing is open that it does not name. Method: every
   * address by every method as everybody; with {@code -Dmillrace.golden=write} the table is written
   * anew, to be read.
   */
  @Test
  void theTableOfRightsIsComplete() throws Exception {
    Map<String, String> cookies = new LinkedHashMap<>();
    Map<String, String> forms = new LinkedHashMap<>();
    for (String who : VISITORS) {
      String cookie = who.equals("stranger") ? "" : signIn(who);
      cookies.put(who, cookie);
      forms.put(
          who, "level=none&theme=dark&job=%s&csrf=%s".formatted(TestObjects.FAILED, token(cookie)));
    }
    StringBuilder table = new StringBuilder();
    int cells = 0;
    for (String path : samples()) {
      for (String method : METHODS) {
        table.append("%-6s %s".formatted(method, path.replace(TestObjects.FAILED.value(), "JOB")));
        for (String who : VISITORS) {
          // Signing out would end what the others of the row are asked with.
          boolean ends = path.equals("/logout") && method.equals("POST");
          String cookie =
              ends && !who.equals("stranger") ? signIn(who) : cookies.getOrDefault(who, "");
          String form = ends ? "csrf=" + token(cookie) : forms.getOrDefault(who, "");
          table.append(' ').append(who).append('=').append(status(method, path, cookie, form));
          cells++;
        }
        table.append('\n');
      }
    }
    if (System.getProperty("millrace.golden", "").equals("write")) {
      Files.createDirectories(Objects.requireNonNull(GOLDEN.getParent()));
      Files.writeString(GOLDEN, table);
    }

    assertThat(cells).isGreaterThan(1_000);
    assertThat(table.toString()).isEqualTo(Files.readString(GOLDEN));
    assertThat(table.toString().lines().filter(line -> line.matches(".*=5\\d\\d.*"))).isEmpty();
  }

  private static Map<String, String> security(HttpResponse<?> answer) {
    Map<String, String> found = new TreeMap<>();
    for (String name : SecurityHeaders.of(true).keySet()) {
      answer.headers().firstValue(name).ifPresent(value -> found.put(name, value));
    }
    return found;
  }

  /** An asset by its real name, which has a digest in it. */
  private String asset() throws Exception {
    try (InputStream body = send("GET", "/nowhere", "", "").body()) {
      Matcher asset =
          Pattern.compile("href=\"(/assets/style\\.\\w+\\.css)\"")
              .matcher(new String(body.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(asset.find()).isTrue();
      return asset.group(1);
    }
  }

  /** Answers, refusals, redirections, event streams, assets, and what is not HTTP at all. */
  @ParameterizedTest
  @ValueSource(strings = {"http://localhost", "https://ci.example.org"})
  void everyAnswerCarriesTheSecurityHeaders(String address) throws Exception {
    web.close();
    web = start(address);
    boolean secure = address.startsWith("https");
    Map<String, String> expected = new TreeMap<>(SecurityHeaders.of(secure));
    List<String> paths = new ArrayList<>(samples());
    paths.addAll(List.of("/nowhere", "/assets/none.css", "/job/x/y", "/%ff", "/?a=%ff"));
    paths.add(asset());
    for (String path : paths) {
      for (String method : METHODS) {
        HttpResponse<InputStream> answer = send(method, path, "", "");
        answer.body().close();
        Map<String, String> found = security(answer);
        if (path.equals("/pipeline.svg") && answer.statusCode() == 200) {
          found.put("Content-Security-Policy", expected.get("Content-Security-Policy"));
        }
        assertThat(found).as("%s %s", method, path).isEqualTo(expected);
        assertThat(answer.headers().firstValue("Content-Type").orElse("text/html"))
            .as("%s %s", method, path)
            .matches(
                "(text/(html|plain|css|csv|javascript|event-stream|vnd\\.graphviz)|image/(svg\\+xml|png|x-icon)|application/(json|javascript)).*");
        for (String cookie : answer.headers().allValues("Set-Cookie")) {
          assertThat(cookie)
              .contains("; HttpOnly; SameSite=Lax")
              .doesNotContain("Domain=")
              .matches(secure ? ".*; Secure" : ".*Lax");
        }
      }
    }
  }

  /** A frame, a picture, a script, a stream, a request of another site's script, a foreign form. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET iframe navigate",
        "GET image no-cors",
        "GET script no-cors",
        "GET empty cors",
        "GET empty no-cors",
        "POST empty cors",
        "POST document navigate",
        "POST iframe navigate"
      })
  void otherSitesCanNeitherEmbedNorPost(String what) throws Exception {
    String[] parts = what.split(" ", -1);
    String mia = signIn("mia");
    String form =
        "level=none&pattern=a&report=b&score=1&add=1&job=%s&csrf=%s"
            .formatted(TestObjects.FAILED, token(mia));
    for (String site : List.of("cross-site", "same-site")) {
      for (String path : samples()) {
        int status =
            status(
                parts[0],
                path,
                mia,
                form,
                "Sec-Fetch-Site",
                site,
                "Sec-Fetch-Dest",
                parts[1],
                "Sec-Fetch-Mode",
                parts[2],
                "Origin",
                "https://evil.example");
        assertThat(status).as("%s from %s: %s", what, site, path).isIn(403, 405);
      }
    }
    assertThat(engine.actions()).isEmpty();
    assertThat(engine.logRules().changes()).isEmpty();
    assertThat(engine.confirmThreshold()).isEmpty();
    assertThat(status("GET", "/jobs", mia, "")).as("still signed in").isEqualTo(200);
  }

  /**
   * A browser that says nothing of where a form comes from says at least its origin, or no token.
   */
  @Test
  void aForeignOriginIsEnoughToRefuseAForm() throws Exception {
    String mia = signIn("mia");
    String form = "level=none&job=%s&csrf=%s".formatted(TestObjects.FAILED, token(mia));
    for (Router.Route route : web.routes()) {
      if (route.post()) {
        String path = sample(route.pattern());
        for (String origin : List.of("https://evil.example", "null", "http://127.0.0.1:1")) {
          assertThat(status("POST", path, mia, form, "Origin", origin)).as(path).isEqualTo(403);
        }
        assertThat(status("POST", path, mia, "level=none")).as(path).isEqualTo(403);
      }
    }
    assertThat(engine.actions()).isEmpty();
  }

  /** A link from another site leads here: that is what links are for. */
  @Test
  void aLinkFromAnotherSiteOpensAPage() throws Exception {
    assertThat(
            status(
                "GET",
                "/jobs",
                signIn("mia"),
                "",
                "Sec-Fetch-Site",
                "cross-site",
                "Sec-Fetch-Dest",
                "document",
                "Sec-Fetch-Mode",
                "navigate"))
        .isEqualTo(200);
  }

  /** Method: strangers come without cookies, with invented ones and with what the last one got. */
  @Test
  void strangersCostNoSessionAndAreToldToWait() throws Exception {
    int refused = 0;
    for (int i = 0; i < 3 * RateLimit.BURST && refused < 10; i++) {
      HttpResponse<InputStream> answer =
          send("GET", i % 2 == 0 ? "/nowhere" : "/jobs", "__session=" + "x".repeat(i % 60), "");
      answer.body().close();
      assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
      if (answer.statusCode() == 429) {
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        refused++;
      }
    }
    assertThat(refused).as("answers that ask to wait").isEqualTo(10);
    assertThat(engine.signIns().count()).isZero();
    assertThat(status("GET", "/health", "", "", "X-Forwarded-For", "203.0.113.7, 198.51.100.9"))
        .as("whom another proxy asks for")
        .isEqualTo(200);
    assertThat(status("GET", sample("/assets/"), "", "")).as("an asset").isNotEqualTo(429);
  }

  /** Method: a real engine on a disk, whose files are compared. */
  @Test
  void readingChangesNothingOnTheDisk(@TempDir Path state) throws Exception {
    try (TestEngine real =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config -> config.withConfirm(Level.DANGEROUS),
            _ -> Current.of("v", 1))) {
      real.awaitSettled();
      web.close();
      web =
          WebInterface.start(
              WebConfig.defaults().withAddress("127.0.0.1", 0),
              real.control(),
              InstantSource.fixed(TestObjects.NOW),
              List.of());
      Map<String, String> before = digests(state);
      for (String path : samples()) {
        for (String method : List.of("GET", "HEAD", "PUT", "DELETE")) {
          assertThat(status(method, path, "__session=x", "")).as(path).isLessThan(500);
        }
      }

      assertThat(digests(state)).isEqualTo(before).isNotEmpty();
      assertThat(real.control().countJobs(JobQuery.newest(1))).isZero();
      real.control().setConfirmThreshold(Optional.empty(), "mia");
      real.await("the action on the disk", _ -> !real.control().listActions(1).isEmpty());
      assertThat(digests(state)).as("what a change does change").isNotEqualTo(before);
    }
  }

  private static Map<String, String> digests(Path root) throws Exception {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        // The index of the log of changes is shared memory, not what is kept.
        if (!file.toString().endsWith("-shm")) {
          found.put(root.relativize(file).toString(), HexFormat.of().formatHex(hash));
        }
      }
    }
    return found;
  }

  @Test
  void everyRoleOpensSomething() {
    assertThat(web.routes().stream().flatMap(route -> route.role().stream()).distinct())
        .containsExactlyInAnyOrder(Role.values());
  }
}
