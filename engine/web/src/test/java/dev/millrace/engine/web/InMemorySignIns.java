package dev.millrace.engine.web;

import dev.millrace.engine.core.SignIns;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Who is signed in as long as the test lasts. Thread-safe. */
final class InMemorySignIns implements SignIns {
  private final Map<String, SignIn> kept = new HashMap<>();

  @Override
  public synchronized void put(SignIn signIn, Instant now) {
    kept.values().removeIf(other -> !now.isBefore(other.end()));
    kept.put(signIn.digest(), signIn);
  }

  @Override
  public synchronized Optional<SignIn> find(String digest) {
    return Optional.ofNullable(kept.get(digest));
  }

  @Override
  public synchronized void remove(String digest) {
    kept.remove(digest);
  }

  /** How many there are. */
  synchronized int count() {
    return kept.size();
  }
}
