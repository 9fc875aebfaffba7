package dev.millrace.engine.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.result.ResultIterable;
import org.jdbi.v3.core.statement.Query;

/** Who is signed in, in the engine's records. Thread-safe. */
final class StoredSignIns implements SignIns {
  private final JobStore store;
  private final Recorder recorder;

  StoredSignIns(JobStore store, Recorder recorder) {
    this.store = store;
    this.recorder = recorder;
  }

  @Override
  public void put(SignIn signIn, Instant now) throws InterruptedException {
    recorder.write(
        "Who has signed in",
        handle -> {
          handle
              .createUpdate("DELETE FROM sign_in WHERE ends <= :now")
              .bind("now", micros(now))
              .execute();
          handle
              .createUpdate(
                  "INSERT INTO sign_in (digest, user_id, user_name, ends) VALUES (:digest, :userId,"
                      + " :userName, :ends) ON CONFLICT (digest) DO NOTHING")
              .bind("digest", StoredText.of(signIn.digest()))
              .bind("userId", StoredText.of(signIn.userId()))
              .bind("userName", StoredText.of(signIn.userName()))
              .bind("ends", micros(signIn.end()))
              .execute();
        },
        () -> {});
  }

  @Override
  public Optional<SignIn> find(String digest) {
    return store.read(
        handle ->
            signIns(
                    handle
                        .createQuery(
                            "SELECT digest, user_id, user_name, ends FROM sign_in WHERE digest = :digest")
                        .bind("digest", StoredText.of(digest)))
                .findOne());
  }

  private static ResultIterable<SignIn> signIns(Query query) {
    return query.map(
        (row, _) ->
            new SignIn(
                StoredText.read(row.getString("digest")),
                StoredText.read(row.getString("user_id")),
                StoredText.read(row.getString("user_name")),
                Instant.EPOCH.plus(row.getLong("ends"), ChronoUnit.MICROS)));
  }

  @Override
  public List<SignIn> list(Instant now) {
    return store.read(
        handle ->
            signIns(
                    handle
                        .createQuery(
                            "SELECT digest, user_id, user_name, ends FROM sign_in WHERE ends > :now"
                                + " ORDER BY user_id, ends, digest")
                        .bind("now", micros(now)))
                .list());
  }

  @Override
  public void remove(String digest) throws InterruptedException {
    recorder.write(
        "Who has signed out",
        handle ->
            handle
                .createUpdate("DELETE FROM sign_in WHERE digest = :digest")
                .bind("digest", StoredText.of(digest))
                .execute(),
        () -> {});
  }

  @Override
  public void removeAll(String userId, String who) throws InterruptedException {
    recorder.write(
        "Who has been signed out",
        handle ->
            handle
                .createUpdate("DELETE FROM sign_in WHERE user_id = :userId")
                .bind("userId", StoredText.of(userId))
                .execute(),
        () -> {});
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
