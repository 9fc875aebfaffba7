package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineException;
import dev.millrace.engine.web.spi.SignOn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signing in and out. Between going to the other site and coming back nothing is kept here: the
 * browser carries, in a cookie for these addresses only, the state that must come back and where
 * the visitor wants to be.
 */
final class SignOnPages {
  private static final Logger LOG = LoggerFactory.getLogger(SignOnPages.class);
  private static final String GOING = "login";
  static final int GOING_SECONDS = 600;

  private final SignOnConfig config;
  private final Sessions sessions;
  private final LiveStreams streams;

  SignOnPages(SignOnConfig config, Sessions sessions, LiveStreams streams) {
    this.streams = streams;
    this.config = config;
    this.sessions = sessions;
  }

  /** Sends the browser to the other site. */
  void begin(Exchange exchange) {
    String state = sessions.newKey();
    String wanted = exchange.query().first("back").filter(Exchange::isLocal).orElse("/");
    setCookie(exchange, GOING, state + "." + encode(wanted), "/login", GOING_SECONDS);
    exchange.redirect(config.provider().begin(state, config.back()).toString());
  }

  /** Takes the browser back. */
  void finish(Exchange exchange) throws InterruptedException {
    String[] going = exchange.cookie(config.cookie(GOING)).orElse("").split("\\.", 2);
    String state = exchange.query().first("state").orElse("");
    if (going.length < 2 || state.isEmpty() || !isSame(going[0], state)) {
      throw PageException.badRequest(
          "This sign-in was not begun in this browser, or more than 10 minutes ago. Begin again.");
    }
    setCookie(exchange, GOING, "", "/login", 0);
    try {
      switch (config.provider().finish(exchange.query().values(), config.back())) {
        case SignOn.Answer.Known known -> {
          LOG.info("{} signed in", known.user().id());
          String key = sessions.begin(known.user());
          setCookie(exchange, Protection.SESSION, key, "/", Sessions.LIFE.toSeconds());
          exchange.redirect(decode(going[1]));
        }
        case SignOn.Answer.Refused refused -> throw PageException.forbidden(refused.reason());
      }
    } catch (EngineException e) {
      throw PageException.unavailable(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      LOG.warn("{} cannot be asked who somebody is", config.provider().label(), e);
      throw PageException.unavailable(
          "%s cannot be asked who you are: %s. Try again."
              .formatted(config.provider().label(), e.getMessage()));
    }
  }

  /** Signs out. */
  void end(Exchange exchange) throws InterruptedException {
    Optional<String> key = exchange.cookie(config.cookie(Protection.SESSION));
    if (key.isPresent()) {
      try {
        sessions.end(key.get());
      } catch (EngineException e) {
        throw PageException.unavailable(String.valueOf(e.getMessage()));
      }
      streams.endSession(Sessions.token(key.get()));
    }
    setCookie(exchange, Protection.SESSION, "", "/", 0);
    exchange.redirect("/");
  }

  private void setCookie(Exchange exchange, String name, String value, String path, long seconds) {
    exchange.addHeader(
        "Set-Cookie",
        "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Lax%s"
            .formatted(
                config.cookie(name),
                value,
                config.isSecure() ? "/" : path,
                seconds,
                config.isSecure() ? "; Secure" : ""));
  }

  private static boolean isSame(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(String address) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(address.getBytes(StandardCharsets.UTF_8));
  }

  /** The cookie may have been made by anybody: the address is checked again. */
  private static String decode(String text) {
    try {
      String address = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      return Exchange.isLocal(address) ? address : "/";
    } catch (IllegalArgumentException e) {
      return "/";
    }
  }
}
