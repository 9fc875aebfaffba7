package dev.millrace.plugins.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.Secret;
import dev.millrace.engine.web.spi.SignOn.Answer;
import dev.millrace.engine.web.spi.User;
import dev.millrace.plugins.github.GitHubPeer.Fault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: who comes back from GitHub is who GitHub says, and nobody else. Method: the protocol is
 * spoken with a peer on this machine that keeps its rules; a browser that only follows addresses
 * goes to and fro.
 */
@Timeout(30)
class GitHubSignOnIT {
  private static final String STATE = "abcdefghijklmnopqrstuvwxyz0123456789-_AB";
  private static final URI BACK = URI.create(GitHubPeer.BACK);

  private final GitHubPeer peer = new GitHubPeer();
  private final HttpClient browser = HttpClient.newHttpClient();
  private final GitHubSignOn signOn = signOn(GitHubPeer.SECRET, Duration.ofSeconds(20));

  GitHubSignOnIT() throws IOException {}

  @AfterEach
  void close() {
    browser.shutdownNow();
    peer.close();
  }

  private GitHubSignOn signOn(String secret, Duration timeout) {
    return GitHubSignOn.create(
        GitHubSignOnConfig.of(GitHubPeer.CLIENT, Secret.of(secret))
            .withSite(peer.site())
            .withTimeout(timeout));
  }

  /** Goes to GitHub; the parameters that one comes back with. */
  private Map<String, List<String>> go(GitHubSignOn on, String state) throws Exception {
    HttpResponse<Void> answer =
        browser.send(
            HttpRequest.newBuilder(on.begin(state, BACK)).build(),
            HttpResponse.BodyHandlers.discarding());
    assertThat(answer.statusCode()).isEqualTo(302);
    URI location = URI.create(answer.headers().firstValue("Location").orElseThrow());
    assertThat(location.toString()).startsWith(GitHubPeer.BACK + "?");
    Map<String, List<String>> query = new LinkedHashMap<>();
    GitHubPeer.parse(location.getRawQuery())
        .forEach((name, value) -> query.put(name, List.of(value)));
    return query;
  }

  private static Map<String, List<String>> with(
      Map<String, List<String>> query, String name, String... values) {
    Map<String, List<String>> changed = new LinkedHashMap<>(query);
    changed.put(name, List.of(values));
    return changed;
  }

  private static void assertRefused(Answer answer, String reason) {
    assertThat(answer).isInstanceOf(Answer.Refused.class);
    assertThat(answer.toString()).contains(reason);
  }

  @Test
  void whoComesBackIsKnownByTheNumberOfTheAccount() throws Exception {
    Answer answer = signOn.finish(go(signOn, STATE), BACK);

    assertThat(answer).isEqualTo(new Answer.Known(new User("github:1234", "mia")));
    assertThat(peer.lastAuthorization()).startsWith("Bearer gho_");
  }

  @Test
  void theSecretGoesNotThroughTheBrowserAndTheChallengeIsNoVerifier() {
    String address = signOn.begin(STATE, BACK).toString();

    assertThat(address)
        .startsWith(peer.site() + "/login/oauth/authorize?client_id=Iv1.0123&redirect_uri=http%3A")
        .contains("&state=" + STATE, "&code_challenge_method=S256")
        .matches(".*&code_challenge=[A-Za-z0-9_-]{43}&.*")
        .doesNotContain(GitHubPeer.SECRET)
        .doesNotContain("scope");
    assertThat(signOn(GitHubPeer.SECRET, Duration.ofSeconds(1)).begin(STATE, BACK).toString())
        .as("another process")
        .isNotEqualTo(address);
  }

  /** A renamed account is who it was; whoever takes its old name is somebody else. */
  @Test
  void aNameThatWasGivenUpOpensNothing() throws Exception {
    Answer before = signOn.finish(go(signOn, STATE), BACK);
    peer.setUser(1234, "mia-renamed");
    Answer renamed = signOn.finish(go(signOn, STATE), BACK);
    peer.setUser(6666, "mia");
    Answer taker = signOn.finish(go(signOn, STATE), BACK);

    assertThat(List.of(before, renamed, taker))
        .extracting(answer -> ((Answer.Known) answer).user().id())
        .containsExactly("github:1234", "github:1234", "github:6666");
  }

  @Test
  void whoRefusesThereIsToldSo() throws Exception {
    peer.deny();

    assertRefused(
        signOn.finish(go(signOn, STATE), BACK), "You told GitHub not to say who you are.");
  }

  @Test
  void aCodeIsGoodOnce() throws Exception {
    Map<String, List<String>> query = go(signOn, STATE);

    assertThat(signOn.finish(query, BACK)).isInstanceOf(Answer.Known.class);
    assertRefused(signOn.finish(query, BACK), "bad_verification_code");
  }

  /** A stolen code is of no use to whoever has not the state that it was begun with. */
  @Test
  void aCodeIsGoodWithItsOwnStateOnly() throws Exception {
    Map<String, List<String>> stolen = go(signOn, STATE);

    assertRefused(signOn.finish(with(stolen, "state", STATE + "x"), BACK), "bad_verification_code");
  }

  @Test
  void aCodeOfAnotherProcessIsOfNoUse() throws Exception {
    Map<String, List<String>> stolen = go(signOn, STATE);

    assertRefused(
        signOn(GitHubPeer.SECRET, Duration.ofSeconds(20)).finish(stolen, BACK),
        "bad_verification_code");
  }

  @Test
  void anAnswerOfAnotherProviderIsRefusedBeforeItsCodeIsSentAnywhere() throws Exception {
    Map<String, List<String>> query = go(signOn, STATE);

    assertRefused(
        signOn.finish(with(query, "iss", "https://evil.example"), BACK), "is not from the GitHub");
    assertRefused(
        signOn.finish(with(query, "iss", peer.site().toString(), "https://evil.example"), BACK),
        "is not from the GitHub");
    assertThat(signOn.finish(with(query, "iss", peer.site().toString()), BACK))
        .isInstanceOf(Answer.Known.class);
  }

  @Test
  void whatHasNoCodeOrTwoIsRefused() throws Exception {
    Map<String, List<String>> query = go(signOn, STATE);

    assertRefused(signOn.finish(Map.of(), BACK), "without a code");
    assertRefused(signOn.finish(with(query, "code", "a", "b"), BACK), "without a code");
    assertRefused(signOn.finish(with(query, "state", "a", "b"), BACK), "without a code");
    assertRefused(signOn.finish(with(query, "code", "invented"), BACK), "bad_verification_code");
    assertRefused(signOn.finish(Map.of("error", List.of("server_error")), BACK), "server_error");
  }

  @Test
  void aWrongSecretIsTheSitesFaultAndIsNotPrinted() throws Exception {
    GitHubSignOn wrong = signOn("another secret", Duration.ofSeconds(20));
    Map<String, List<String>> query = go(wrong, STATE);

    assertThatThrownBy(() -> wrong.finish(query, BACK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not know this site")
        .hasMessageNotContaining("another secret");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "SILENCE", "DRIP"})
  void whatIsNoAnswerToWhoItIsIsAnErrorThatSaysWhere(Fault fault) throws Exception {
    peer.setUserFault(fault);
    Map<String, List<String>> query = go(signOn, STATE);

    assertThatThrownBy(() -> signOn.finish(query, BACK))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("(?s)(127\\.0\\.0\\.1/api/v3/user|GitHub answered without).*")
        .hasMessageNotContaining("gho_")
        .hasMessageNotContaining("<script>");
  }

  @ParameterizedTest
  @EnumSource(names = {"ENDLESS", "NO_JSON", "NO_OBJECT", "STATUS_500", "REDIRECT", "EMPTY_OBJECT"})
  void whatIsNoTokenIsAnErrorThatSaysWhere(Fault fault) throws Exception {
    peer.setTokenFault(fault);
    Map<String, List<String>> query = go(signOn, STATE);

    assertThatThrownBy(() -> signOn.finish(query, BACK))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "(?s)(127\\.0\\.0\\.1/login/oauth/access_token|GitHub answered without).*");
    assertThat(peer.lastAuthorization()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"SILENCE, NONE", "DRIP, NONE", "NONE, SILENCE", "NONE, DRIP"})
  void whatDoesNotComeToAnEndIsGivenUp(Fault token, Fault user) throws Exception {
    GitHubSignOn hasty = signOn(GitHubPeer.SECRET, Duration.ofMillis(600));
    peer.setTokenFault(token);
    peer.setUserFault(user);
    Map<String, List<String>> query = go(hasty, STATE);

    assertThatThrownBy(() -> hasty.finish(query, BACK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1");
  }

  @Test
  void whoIsNotThereIsAnErrorThatSaysWhere() throws Exception {
    Map<String, List<String>> query = go(signOn, STATE);
    peer.close();

    assertThatThrownBy(() -> signOn.finish(query, BACK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1/login/oauth/access_token could not be asked");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"github:mia", "github:", "github:0", "github:-1", "github:01", "gitlab:1"})
  void aUserIsNamedByANumberOnly(String id) {
    assertThatThrownBy(() -> GitHubSignOn.requireUserId(id))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + id + "\"")
        .hasMessageContaining("https://api.github.com/users/");
    assertThat(GitHubSignOn.requireUserId("github:1234")).isEqualTo("github:1234");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://github.com", "https://github.com/x", "github.com", "file:///x"})
  void theSiteMustBeSafe(String site) {
    GitHubSignOnConfig config = GitHubSignOnConfig.of("id", Secret.of("s"));

    assertThatThrownBy(() -> config.withSite(URI.create(site)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + site + "\"");
  }

  @Test
  void theConfigurationHasDefaultsAndHidesItsSecret() {
    GitHubSignOnConfig config = GitHubSignOnConfig.of("id", Secret.of("s3cret"));

    assertThat(config.site()).isEqualTo(GitHubSignOnConfig.PUBLIC);
    assertThat(config.timeout()).isEqualTo(GitHubSignOnConfig.TIMEOUT_DEFAULT);
    assertThat(config.api()).hasToString("https://api.github.com/");
    assertThat(config.withSite(URI.create("https://ghe.example.org")).api())
        .hasToString("https://ghe.example.org/api/v3/");
    assertThat(config.toString()).doesNotContain("s3cret");
    assertThatThrownBy(() -> GitHubSignOnConfig.of("id", Secret.of(" ")))
        .hasMessageContaining("is empty");
    assertThatThrownBy(() -> GitHubSignOnConfig.of("a b", Secret.of("s")))
        .hasMessageContaining("\"a b\"");
    assertThatThrownBy(() -> config.withTimeout(Duration.ZERO)).hasMessageContaining("positive");
  }
}
