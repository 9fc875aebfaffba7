package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: a page of another site can do nothing here through the browser of somebody who may do
 * everything (W3). Method: a second server with another name, a real browser, and the case in which
 * only our own fences help: without a sign-on the local user needs no cookie. The page even knows
 * the token of our forms.
 */
@ExtendWith(Chromium.class)
@Timeout(120)
class ForeignSiteIT {
  /** Each address as everything that a page can be made of; tells which of them it could read. */
  private static final String EMBED =
      """
      async addresses => {
        const read = [];
        const settle = (element, address) => new Promise(done => {
          element.onload = () => done(); element.onerror = () => done();
          document.body.append(element); element.src = address; setTimeout(done, 2000); });
        await Promise.all(addresses.map(async address => {
          const stream = new EventSource(address);
          stream.onopen = () => read.push('stream ' + address);
          await Promise.all([
            settle(document.createElement('img'), address),
            settle(document.createElement('script'), address),
            settle(document.createElement('iframe'), address).then(() => 0),
            ...['cors', 'no-cors'].flatMap(mode => ['GET', 'POST'].map(method =>
              fetch(address, { mode, method, credentials: 'include',
                  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
                  body: method === 'POST' ? FORM : undefined })
                .then(answer => answer.type === 'opaque' ? 0 : read.push(method + ' ' + address), () => 0))),
          ]);
          stream.close();
        }));
        return read;
      }""";

  private static final String SUBMIT =
      """
      ([address, pairs]) => {
        const form = document.createElement('form');
        form.method = 'post'; form.action = address;
        new URLSearchParams(pairs).forEach((value, name) => {
          const field = document.createElement('input');
          field.name = name; field.value = value; form.append(field); });
        document.body.append(form);
        HTMLFormElement.prototype.submit.call(form);
      }""";

  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final HttpServer foreign;
  private final String home;

  ForeignSiteIT() throws IOException {
    web = Sites.start(engine, 0);
    home = "http://127.0.0.1:" + web.port();
    foreign = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    foreign.createContext(
        "/",
        exchange -> {
          byte[] page = "<!doctype html><title>x</title><body>".getBytes(StandardCharsets.US_ASCII);
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    foreign.start();
  }

  @AfterEach
  void close() {
    foreign.stop(0);
    web.close();
  }

  /** A name that is not the other's, so that not even the ports make it the same site. */
  private String evil() {
    return "http://localhost:" + foreign.getAddress().getPort() + "/";
  }

  private String form() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String page =
          client
              .send(HttpRequest.newBuilder(URI.create(home + "/")).build(), BodyHandlers.ofString())
              .body();
      Matcher token = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(page);
      assertThat(token.find()).isTrue();
      return "level=none&pattern=a&report=b&score=1&add=1&theme=dark&job=%s&csrf=%s"
          .formatted(TestObjects.FAILED, token.group(1));
    }
  }

  private static String kind(Request request) {
    return "%s %s %s".formatted(request.resourceType(), request.method(), request.url());
  }

  private void assertUntouched() {
    assertThat(engine.actions()).isEmpty();
    assertThat(engine.logRules().changes()).isEmpty();
    assertThat(engine.confirmThreshold()).isEmpty();
  }

  @Test
  void nothingHereBecomesAPartOfAForeignPage(Browser browser) throws Exception {
    List<String> addresses =
        web.routes().stream()
            .map(route -> home + EveryAddressIT.sample(route.pattern()))
            .distinct()
            .toList();
    Map<String, Integer> answers = new ConcurrentHashMap<>();
    Set<String> asked = ConcurrentHashMap.newKeySet();
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.onRequest(request -> asked.add(kind(request)));
      // Of what is not for this page the browser itself shows it no answer at all.
      page.onResponse(answer -> answers.put(kind(answer.request()), answer.status()));
      page.navigate(evil());
      asked.clear();
      answers.clear();

      Object read = page.evaluate(EMBED.replace("FORM", "'" + form() + "'"), addresses);

      assertThat(read).isEqualTo(List.of());
    }
    // Six kinds of each; a stream that the end of the others overtakes is not asked for.
    assertThat(asked).hasSizeGreaterThan(5 * addresses.size());
    assertThat(answers).hasSizeGreaterThan(addresses.size() - 5);
    assertThat(answers.entrySet())
        .allSatisfy(answer -> assertThat(answer.getValue()).as(answer.getKey()).isEqualTo(403));
    assertUntouched();
  }

  @Test
  void aFormOfAForeignPageIsNotTaken(Browser browser) throws Exception {
    String form = form();
    int forms = 0;
    try (BrowserContext context = browser.newContext()) {
      for (Router.Route route : web.routes()) {
        if (route.post()) {
          forms++;
          Page page = context.newPage();
          page.navigate(evil());
          String address = home + EveryAddressIT.sample(route.pattern());
          Response answer =
              page.waitForResponse(
                  response ->
                      response.url().startsWith(home) && response.request().method().equals("POST"),
                  () -> page.evaluate(SUBMIT, List.of(address, form)));

          assertThat(answer.status()).as(address).isEqualTo(403);
          // A page that is closed on its way to another one may never be closed.
          page.waitForLoadState();
          page.close();
        }
      }
    }
    assertThat(forms).isGreaterThan(7);
    assertUntouched();
  }

  /** The same form from where it belongs: else the two above would prove nothing. */
  @Test
  void theSameFormIsTakenFromOurOwnPage(Browser browser) throws Exception {
    String form = form();
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(home + "/nowhere");
      Response answer =
          page.waitForResponse(
              response -> response.request().method().equals("POST"),
              () -> page.evaluate(SUBMIT, List.of(home + "/set/confirm", form)));

      assertThat(answer.status()).isEqualTo(303);
      page.waitForURL(home + "/?done=threshold");
      assertThat(engine.actions()).containsExactly("threshold none local user");
    }
  }
}
