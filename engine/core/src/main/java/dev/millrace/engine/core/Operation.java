package dev.millrace.engine.core;

import java.time.Duration;
import java.util.Optional;

/**
 * A kind of work whose results are kept: fetching, building, publishing. It brings the thing named
 * by a key to the state given by a value, and has an outcome.
 *
 * <p>The engine keeps one job at most per key at any time, remembers outcomes across restarts, and
 * runs the work again when the wanted value changes, a {@link Schedule} says so, or somebody asks
 * for it. Thread-safe; only {@link #run} may block.
 *
 * @param <K> names the thing that is kept up to date
 * @param <V> what it is to be brought to; {@link Done} where the key says all
 * @param <O> what comes of it
 */
public interface Operation<K, V, O> {
  /** Its name in records and logs: lower case with dashes, such as {@code git-fetch}; for ever. */
  String id();

  /** What a job works on, for people, in a few words. */
  String describe(K key, V value);

  /**
   * The lasting identity of a key: equal texts are the same thing. A change of what it is made of
   * forgets all history, so it carries a version if in doubt.
   */
  String keyDigest(K key);

  /** The lasting identity of a value: equal texts need no new run. */
  String valueDigest(V value);

  /** An outcome as text, for the records. */
  String encode(O outcome);

  /**
   * Reads what {@link #encode} wrote, perhaps an earlier version of it; an exception makes the work
   * be done again.
   */
  O decode(String text);

  /**
   * Whether a running job is stopped once nothing wants its key any more, or another value is
   * wanted.
   */
  default boolean autoCancel() {
    return false;
  }

  /** Whether the old outcome is still shown while the work is done for another value. */
  default boolean latched() {
    return false;
  }

  /**
   * Whether a failure is no more than advice: the pipeline does not let it count, and says so here
   * for whoever looks at the job. Only shown; what counts is what the pipeline makes of outcomes.
   */
  default boolean isAdvisory(K key, V value) {
    return false;
  }

  /** How long a job may take once it has started; empty for no limit. */
  default Optional<Duration> timeLimit() {
    return Optional.empty();
  }

  /**
   * Does the work, on a virtual thread of its own, interrupted when it is cancelled. Calls {@link
   * Job#start} first (what it does before that must be quick and harmless).
   *
   * @throws JobFailedException if the work failed; its message is shown as it is
   * @throws JobUnavailableException if the work cannot be done now and may be later: it is tried
   *     again by itself, after pauses that grow
   * @throws JobSkippedException if the work is not to be had here, which is no failure
   * @throws Exception anything else counts as a failure of Millrace, shown with its stack trace in
   *     the job's log
   */
  O run(Job job, K key, V value) throws Exception;
}
