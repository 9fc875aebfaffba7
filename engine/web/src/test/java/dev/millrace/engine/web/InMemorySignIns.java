package dev.millrace.engine.web;

import dev.millrace.engine.core.SignIns;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
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

  @Override
  public synchronized List<SignIn> list(Instant now) {
    return kept.values().stream()
        .filter(each -> now.isBefore(each.end()))
        .sorted(
            Comparator.comparing(SignIn::userId)
                .thenComparing(SignIn::end)
                .thenComparing(SignIn::digest))
        .toList();
  }

  @Override
  public synchronized void removeAll(String userId, String who) {
    kept.values().removeIf(each -> each.userId().equals(userId));
  }

  /** How many there are. */
  synchronized int count() {
    return kept.size();
  }
}
