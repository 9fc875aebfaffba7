package dev.millrace.plugins.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Secret;
import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.TestEngine;
import dev.millrace.engine.web.AccessList;
import dev.millrace.engine.web.SignOnConfig;
import dev.millrace.engine.web.WebConfig;
import dev.millrace.engine.web.WebInterface;
import dev.millrace.engine.web.spi.Role;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Goal: the whole way, from the button to the role, over real sockets and a real engine. */
@Timeout(60)
class SignedInIT {
  @TempDir Path state;

  private static WebInterface serve(TestEngine engine, WebConfig config) throws Exception {
    return WebInterface.start(
        config.withAddress("127.0.0.1", 0), engine.control(), InstantSource.system(), List.of());
  }

  /** A browser that keeps cookies for us, and follows nothing by itself. */
  private static final class Browser implements AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, String> cookies = new TreeMap<>();

    HttpResponse<String> get(URI address) throws Exception {
      HttpRequest.Builder request = HttpRequest.newBuilder(address);
      if (address.getHost().equals("localhost") && !cookies.isEmpty()) {
        request.header(
            "Cookie",
            cookies.entrySet().stream().map(Object::toString).collect(Collectors.joining("; ")));
      }
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      for (String cookie : answer.headers().allValues("Set-Cookie")) {
        String[] pair = cookie.substring(0, cookie.indexOf(';')).split("=", 2);
        if (cookie.contains("Max-Age=0")) {
          cookies.remove(pair[0]);
        } else {
          cookies.put(pair[0], pair[1]);
        }
      }
      return answer;
    }

    @Override
    public void close() {
      client.shutdownNow();
    }
  }

  private static URI location(HttpResponse<?> answer) {
    assertThat(answer.headers().firstValue("Location")).as("%s", answer.body()).isPresent();
    return URI.create(answer.headers().firstValue("Location").orElseThrow());
  }

  @Test
  void whoIsListedByNumberHasTheRoleAndOthersLook() throws Exception {
    try (GitHubPeer peer = new GitHubPeer();
        TestEngine engine = TestEngine.start(state, _ -> Current.of("v", 1));
        WebInterface web = serve(engine, WebConfig.defaults().withSignOn(config(peer)));
        Browser browser = new Browser()) {
      URI home = URI.create("http://localhost:" + web.port());
      assertThat(browser.get(home).body()).contains("Sign in with GitHub");
      assertThat(browser.get(home.resolve("/actions")).statusCode()).isEqualTo(403);

      signIn(browser, home);
      HttpResponse<String> actions = browser.get(home.resolve("/actions"));
      assertThat(actions.statusCode()).isEqualTo(200);
      assertThat(actions.body()).contains("Sign out mia");

      browser.cookies.clear();
      peer.setUser(6666, "mia");
      signIn(browser, home);
      assertThat(browser.get(home.resolve("/actions")).statusCode()).isEqualTo(403);
      assertThat(browser.get(home).body()).contains("Sign out mia");
      assertThat(browser.cookies).containsOnlyKeys("__session");
    }
  }

  private static SignOnConfig config(GitHubPeer peer) {
    return new SignOnConfig(
        GitHubSignOn.create(
            GitHubSignOnConfig.of(GitHubPeer.CLIENT, Secret.of(GitHubPeer.SECRET))
                .withSite(peer.site())),
        AccessList.of(
            Map.of(Role.ADMIN, List.of("github:1234"), Role.VIEWER, List.of(AccessList.ANYONE))),
        URI.create("http://localhost"));
  }

  private static void signIn(Browser browser, URI home) throws Exception {
    URI github = location(browser.get(home.resolve("/login?back=%2Factions")));
    URI back = location(browser.get(github));
    HttpResponse<String> answer =
        browser.get(home.resolve(back.getPath() + "?" + back.getRawQuery()));
    assertThat(location(answer)).hasToString("/actions");
  }

  @Test
  void whereNobodyCanSignInThePageSaysHowToChangeThat() throws Exception {
    try (TestEngine engine = TestEngine.start(state, _ -> Current.of("v", 1));
        WebInterface web =
            serve(engine, WebConfig.defaults().withPages(List.of(new SignOnHowTo())));
        Browser browser = new Browser()) {
      HttpResponse<String> page =
          browser.get(URI.create("http://localhost:%d/login".formatted(web.port())));

      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("--github-client-secret-file FILE");
    }
  }
}
