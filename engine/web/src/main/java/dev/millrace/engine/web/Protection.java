package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.User;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Who may ask for what. With a sign-on: whoever has the role. Without: on loopback the local user
 * may do everything, everywhere else everybody may look. Thread-safe.
 *
 * <p>Nobody may ask too often. And three fences stand around what a visitor may do. On loopback the
 * {@code Host} header must be a name of this machine, so that a page elsewhere cannot reach us
 * through a name that it made point here (DNS rebinding). A request that changes something, or that
 * another site's page makes for a part of itself, must come from our own origin by every header
 * that says where it comes from. And it must carry the token that only our own pages have: that of
 * the session, or without one that of the process, as then whoever can read our pages may do what
 * their forms do.
 */
final class Protection {
  /** The cookie with the key of a session. */
  static final String SESSION = "session";

  private static final int ADDRESS_MAX = 64;
  private static final String READ_ONLY = "This site is read-only.";
  private static final Set<String> LOOPBACK =
      Set.of("localhost", "127.0.0.1", "[::1]", "::1", "0:0:0:0:0:0:0:1");

  private final boolean loopback;
  private final boolean actions;
  private final Set<String> hostNames;
  private final String token;
  private final Optional<SignOnConfig> signOn;
  private final Sessions sessions;
  private final RateLimit rates;

  Protection(WebConfig config, Sessions sessions, LongSupplier ticker) {
    this.rates = new RateLimit(ticker);
    this.signOn = config.signOn();
    this.sessions = sessions;
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

  /** Who asks, and what they may do. */
  Visitor visitor(Exchange exchange) {
    return signOn.isPresent() ? known(exchange, signOn.get()) : local(exchange);
  }

  private Visitor known(Exchange exchange, SignOnConfig config) {
    Optional<String> key = exchange.cookie(config.cookie(SESSION));
    Optional<User> user = key.flatMap(sessions::find);
    Map<Role, String> refusals = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      if (!config.access().has(user, role)) {
        refusals.put(
            role,
            user.isEmpty()
                ? "Sign in first: this is not for everybody."
                : "This takes the role \"%s\", which %s does not have."
                    .formatted(role, user.get().id()));
      } else if (!actions && (role == Role.BUILDER || role == Role.ADMIN)) {
        refusals.put(role, READ_ONLY);
      }
    }
    String forms = user.isPresent() ? Sessions.token(key.orElseThrow()) : token;
    return new Visitor(user, forms, refusals);
  }

  private Visitor local(Exchange exchange) {
    Map<Role, String> refusals = new EnumMap<>(Role.class);
    refusal(exchange)
        .ifPresent(
            reason -> {
              refusals.put(Role.BUILDER, reason);
              refusals.put(Role.ADMIN, reason);
            });
    return new Visitor(Optional.empty(), token, refusals);
  }

  /** Why a visitor may not change anything where there is no sign-on; empty if he may. */
  private Optional<String> refusal(Exchange exchange) {
    if (!actions) {
      return Optional.of(READ_ONLY);
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

  /**
   * Refuses who asks too often. A visitor is whoever has signed in, else an address; where a proxy
   * on this machine says whom it asks for, that one. What is kept for ever is not counted.
   */
  void limit(Exchange exchange) {
    String who =
        exchange
            .visitor()
            .user()
            .map(User::id)
            .orElseGet(() -> forwardedFor(exchange).orElse(exchange.remoteHost()));
    if (!exchange.path().startsWith("/assets/") && !rates.tryTake(who)) {
      throw PageException.tooMany(
          "More than %d requests a second came from here. Wait a second and try again."
              .formatted(RateLimit.PER_SECOND));
    }
  }

  private static Optional<String> forwardedFor(Exchange exchange) {
    return exchange
        .header("X-Forwarded-For")
        .filter(_ -> isLoopback(exchange.remoteHost()))
        .map(list -> list.substring(list.lastIndexOf(',') + 1).strip())
        .map(address -> LabelText.clip(address, ADDRESS_MAX));
  }

  /** Refuses requests made under a foreign name, and parts of other sites' pages. */
  void admit(Exchange exchange) {
    String site = exchange.header("Sec-Fetch-Site").orElse("none");
    boolean foreign = site.equals("cross-site") || site.equals("same-site");
    boolean visit =
        exchange.header("Sec-Fetch-Mode").orElse("").equals("navigate")
            && exchange.header("Sec-Fetch-Dest").orElse("").equals("document");
    if (foreign && !visit) {
      throw PageException.forbidden("Other sites cannot make this page a part of theirs.");
    }
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
    byte[] own = exchange.visitor().token().getBytes(StandardCharsets.UTF_8);
    if (own.length == 0 || !MessageDigest.isEqual(given, own)) {
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
