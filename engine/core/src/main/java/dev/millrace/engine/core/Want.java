package dev.millrace.engine.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one stage wants. All that the operation says of it is asked for once, where what it throws
 * fails the stage.
 *
 * @param origin where the want comes from
 */
record Want<K, V, O>(
    Operation<K, V, O> operation,
    Traits traits,
    K key,
    V value,
    String keyDigest,
    String valueDigest,
    String description,
    boolean advisory,
    Schedule schedule,
    Origin origin) {

  /** What kind of operation it is. */
  record Traits(String id, boolean autoCancel, boolean latched, Optional<Duration> timeLimit) {
    Traits {
      requireNonNull(id, "The id of an operation is null");
      requireNonNull(timeLimit, "The time limit of an operation is null");
    }
  }

  Want {
    requireNonNull(keyDigest, "The digest of a key is null");
    requireNonNull(valueDigest, "The digest of a value is null");
    requireNonNull(description, "The description of a job is null");
  }

  static <K, V, O> Want<K, V, O> of(
      Operation<K, V, O> operation, K key, V value, Schedule schedule, Origin origin) {
    return new Want<>(
        operation,
        new Traits(
            operation.id(), operation.autoCancel(), operation.latched(), operation.timeLimit()),
        key,
        value,
        operation.keyDigest(key),
        operation.valueDigest(value),
        operation.describe(key, value),
        operation.isAdvisory(key, value),
        schedule,
        origin);
  }

  /**
   * Where a want comes from.
   *
   * @param sources what the stage reads
   * @param changedAfter the round after which what changed is why it wants this
   */
  record Origin(List<Current<?>> sources, long changedAfter) {}
}
