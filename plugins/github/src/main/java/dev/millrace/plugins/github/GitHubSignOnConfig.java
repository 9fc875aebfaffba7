package dev.millrace.plugins.github;

import dev.millrace.base.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How GitHub is asked who somebody is.
 *
 * @param site where people sign in: {@link #PUBLIC}, or a GitHub Enterprise Server; https, or http
 *     on this machine
 * @param clientId names the OAuth app (or GitHub app) there
 * @param clientSecret proves that we are it
 * @param timeout how long one request may take, its answer included
 */
public record GitHubSignOnConfig(URI site, String clientId, Secret clientSecret, Duration timeout) {
  /** The GitHub that everybody means. */
  public static final URI PUBLIC = URI.create("https://github.com");

  /** A request that takes longer than this fails. */
  public static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(10);

  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if something cannot be meant, in words for users
   */
  public GitHubSignOnConfig {
    String host = String.valueOf(site.getHost());
    boolean safe =
        "https".equals(site.getScheme())
            || ("http".equals(site.getScheme()) && LOOPBACK.contains(host));
    if (!safe || !List.of("", "/").contains(String.valueOf(site.getPath()))) {
      throw new IllegalArgumentException(
          "Cannot sign in at \"%s\": expected an address such as https://github.com"
              .formatted(site));
    }
    if (!clientId.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as a client id of GitHub: expected 1 to 100 letters, digits, dots and dashes"
              .formatted(clientId));
    }
    if (clientSecret.reveal().isBlank()) {
      throw new IllegalArgumentException("The client secret for GitHub is empty");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("The timeout must be positive, was " + timeout);
    }
  }

  /** The public GitHub. */
  public static GitHubSignOnConfig of(String clientId, Secret clientSecret) {
    return new GitHubSignOnConfig(PUBLIC, clientId, clientSecret, TIMEOUT_DEFAULT);
  }

  /** With another site. */
  public GitHubSignOnConfig withSite(URI other) {
    return new GitHubSignOnConfig(other, clientId, clientSecret, timeout);
  }

  /** With another timeout. */
  public GitHubSignOnConfig withTimeout(Duration other) {
    return new GitHubSignOnConfig(site, clientId, clientSecret, other);
  }

  /** Where its REST interface is. */
  URI api() {
    return site.getHost().equals(PUBLIC.getHost())
        ? URI.create("https://api.github.com/")
        : site.resolve("/api/v3/");
  }
}
