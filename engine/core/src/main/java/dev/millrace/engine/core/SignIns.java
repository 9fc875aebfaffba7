package dev.millrace.engine.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who is signed in, kept in the engine's records for an operator's interface. Thread-safe.
 *
 * <p>It is given digests: who reads the records must not be able to be somebody.
 */
public interface SignIns {
  /**
   * Somebody who has signed in.
   *
   * @param digest names the session; at most 100 characters
   * @param userId the user's id; at most 200 characters
   * @param userName the user's name; at most 200 characters
   * @param end when the session is over
   */
  record SignIn(String digest, String userId, String userName, Instant end) {
    /** Checks. */
    public SignIn {
      if (digest.isEmpty()
          || digest.length() > 100
          || userId.length() > 200
          || userName.length() > 200) {
        throw new IllegalArgumentException(
            "The digest must have 1 to 100 characters, the user's id and name at most 200");
      }
    }
  }

  /**
   * Keeps one; returns when it is on the disk. Those that are over by then are forgotten.
   *
   * @throws EngineException if it cannot be stored now
   */
  void put(SignIn signIn, Instant now) throws InterruptedException;

  /** The one with this digest, be it over or not. */
  Optional<SignIn> find(String digest);

  /**
   * Forgets one, if it is there; returns when that is on the disk.
   *
   * @throws EngineException if that cannot be stored now
   */
  void remove(String digest) throws InterruptedException;

  /** Those that are not over, each user's together. */
  List<SignIn> list(Instant now);

  /**
   * Forgets all of one user, wherever they have signed in; returns when that is on the disk.
   *
   * @param who whoever wants it so
   * @throws EngineException if that cannot be stored now
   */
  void removeAll(String userId, String who) throws InterruptedException;
}
