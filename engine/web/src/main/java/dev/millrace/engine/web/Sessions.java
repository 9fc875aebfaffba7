package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineException;
import dev.millrace.engine.core.SignIns;
import dev.millrace.engine.core.SignIns.SignIn;
import dev.millrace.engine.web.spi.User;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * Who is signed in, for a week at most. Thread-safe.
 *
 * <p>A browser has the key; here only its digest is kept, in the engine's records. They are asked
 * for each request: a copy in memory could outlive a session that somebody has just ended.
 */
final class Sessions {
  static final Duration LIFE = Duration.ofDays(7);
  private static final int KEY_BYTES = 30;

  private final SignIns kept;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  Sessions(SignIns kept, InstantSource clock) {
    this.kept = kept;
    this.clock = clock;
  }

  /**
   * Begins one; the key for the browser.
   *
   * @throws EngineException if it cannot be stored now
   */
  String begin(User user) throws InterruptedException {
    String key = newKey();
    Instant now = clock.instant();
    kept.put(new SignIn(digest(key), user.id(), user.name(), now.plus(LIFE)), now);
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
    return kept.find(digest(key))
        .filter(signIn -> now.isBefore(signIn.end()))
        .map(signIn -> new User(signIn.userId(), signIn.userName()));
  }

  /**
   * Ends one.
   *
   * @throws EngineException if that cannot be stored now; it has not ended then
   */
  void end(String key) throws InterruptedException {
    kept.remove(digest(key));
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
