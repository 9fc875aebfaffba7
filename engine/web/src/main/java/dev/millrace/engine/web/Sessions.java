package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.User;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who is signed in, for a week at most and until the program ends. Thread-safe.
 *
 * <p>A browser has the key; here only its digest is kept.
 */
final class Sessions {
  static final Duration LIFE = Duration.ofDays(7);
  private static final int KEPT = 10_000;
  private static final int KEY_BYTES = 30;

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  // In the order in which they began, which is that in which they end.
  private final Map<String, Session> open =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Session> eldest) {
          return size() > KEPT;
        }
      };

  private record Session(User user, Instant end) {}

  Sessions(InstantSource clock) {
    this.clock = clock;
  }

  /** Begins one; the key for the browser. */
  String begin(User user) {
    String key = newKey();
    Instant now = clock.instant();
    synchronized (open) {
      open.values().removeIf(session -> !now.isBefore(session.end));
      open.put(digest(key), new Session(user, now.plus(LIFE)));
    }
    return key;
  }

  /** A text that nobody can guess. */
  String newKey() {
    byte[] bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return encode(bytes);
  }

  /** Whose session it is, while it lasts. */
  Optional<User> find(String key) {
    Instant now = clock.instant();
    synchronized (open) {
      return Optional.ofNullable(open.get(digest(key)))
          .filter(session -> now.isBefore(session.end))
          .map(Session::user);
    }
  }

  void end(String key) {
    synchronized (open) {
      open.remove(digest(key));
    }
  }

  /** What the forms of this session must carry: it tells nothing of the key. */
  static String token(String key) {
    return digest("csrf " + key);
  }

  private static String digest(String text) {
    try {
      return encode(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
