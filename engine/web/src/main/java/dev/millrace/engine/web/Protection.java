package dev.millrace.engine.web;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who may ask for what, while there is no sign-on: on loopback the local user may act, everywhere
 * else nobody may. Immutable, thread-safe.
 *
 * <p>Three fences stand around the local user's power. The {@code Host} header must be a name of
 * this machine, so that a page elsewhere cannot reach us through a name that it made point here
 * (DNS rebinding). A request that changes something must come from our own origin by every header
 * that says where it comes from. And it must carry the token that only our own pages have: without
 * sessions, one secret of the process does, as whoever can read our pages is the local user.
 */
final class Protection {
  private static final Set<String> LOOPBACK =
      Set.of("localhost", "127.0.0.1", "[::1]", "::1", "0:0:0:0:0:0:0:1");

  private final boolean loopback;
  private final boolean actions;
  private final Set<String> hostNames;
  private final String token;

  Protection(WebConfig config) {
    this.loopback = isLoopback(config.host());
    this.actions = config.actions() == WebConfig.Actions.LOCAL_USER;
    this.hostNames = config.hostNames();
    byte[] random = new byte[18];
    new SecureRandom().nextBytes(random);
    this.token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  static boolean isLoopback(String host) {
    return LOOPBACK.contains(host) || host.startsWith("127.");
  }

  /** What forms that change something must carry. */
  String token() {
    return token;
  }

  /** Why this visitor may not change anything; empty if he may. */
  Optional<String> refusal(Exchange exchange) {
    if (!actions) {
      return Optional.of("This site is read-only.");
    }
    if (!loopback || !isLoopback(exchange.remoteHost())) {
      return Optional.of(
          "Read-only: no sign-on is configured, so only the local user of this machine may act.");
    }
    if (exchange.header("X-Forwarded-For").isPresent()
        || exchange.header("Forwarded").isPresent()) {
      return Optional.of(
          "Read-only: this request came through a proxy, and no sign-on is configured.");
    }
    return Optional.empty();
  }

  /** Refuses requests made under a foreign name. */
  void admit(Exchange exchange) {
    if (!loopback) {
      return;
    }
    String host = hostName(exchange.header("Host").orElse(""));
    if (!LOOPBACK.contains(host) && !hostNames.contains(host)) {
      throw PageException.forbidden(
          "This server answers only under localhost and the host names it was told of, not under \""
              + host
              + "\".");
    }
  }

  /** Refuses forms that our own pages did not send. */
  void checkForm(Exchange exchange, Parameters form) {
    String origin = exchange.header("Origin").orElse("");
    String host = exchange.header("Host").orElse("");
    String site = exchange.header("Sec-Fetch-Site").orElse("same-origin");
    if (!site.equals("same-origin") || !(origin.isEmpty() || isOwn(origin, host))) {
      throw PageException.forbidden("The form came from another site, so nothing was done.");
    }
    byte[] given = form.first("csrf").orElse("").getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(given, token.getBytes(StandardCharsets.UTF_8))) {
      throw PageException.forbidden(
          "The page was out of date, so nothing was done. Reload it and try again.");
    }
  }

  private static boolean isOwn(String origin, String host) {
    try {
      return host.equalsIgnoreCase(new URI(origin).getAuthority());
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String hostName(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    int colon = name.lastIndexOf(':');
    boolean port = colon > name.lastIndexOf(']');
    return port ? name.substring(0, colon) : name;
  }
}
