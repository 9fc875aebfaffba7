package dev.millrace.engine.core;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;

/**
 * An operation on texts: a name and what it does, for small pipelines and for tests. Write an
 * {@link Operation} of your own where keys, values and outcomes have types.
 *
 * <p>Immutable; unless said otherwise, jobs are described as {@code id key} or, where there is a
 * value, {@code id key = value}.
 */
public final class TextOperation implements Operation<String, String, String> {
  private final String id;
  private final Work work;
  private final Traits traits;

  /** What an operation does; see {@link Operation#run}. */
  @FunctionalInterface
  public interface Work {
    /** Brings {@code key} to {@code value}, and says what came of it. */
    String run(Job job, String key, String value) throws Exception;
  }

  private record Traits(
      BiFunction<String, String, String> description,
      BiPredicate<String, String> advisory,
      boolean autoCancel,
      boolean latched,
      Optional<Duration> timeLimit) {}

  private TextOperation(String id, Work work, Traits traits) {
    this.id = id;
    this.work = work;
    this.traits = traits;
  }

  /** Neither stopped by itself nor latched, and without a time limit; its failures count. */
  public static TextOperation of(String id, Work work) {
    return new TextOperation(
        id,
        work,
        new Traits(
            (key, value) -> describe(id, key, value),
            (_, _) -> false,
            false,
            false,
            Optional.empty()));
  }

  private static String describe(String id, String key, String value) {
    return value.isEmpty() ? id + " " + key : "%s %s = %s".formatted(id, key, value);
  }

  /** The same, with its jobs described by this function of key and value. */
  public TextOperation withDescription(BiFunction<String, String, String> description) {
    return with(
        new Traits(
            description, traits.advisory, traits.autoCancel, traits.latched, traits.timeLimit));
  }

  /** The same, a failure to bring this key to this value being advice; see {@link #isAdvisory}. */
  public TextOperation withAdvisory(BiPredicate<String, String> advisory) {
    return with(
        new Traits(
            traits.description, advisory, traits.autoCancel, traits.latched, traits.timeLimit));
  }

  /** The same, stopped when nothing wants it any more; see {@link Operation#autoCancel}. */
  public TextOperation withAutoCancel() {
    return with(
        new Traits(traits.description, traits.advisory, true, traits.latched, traits.timeLimit));
  }

  /** The same, showing the old outcome meanwhile; see {@link Operation#latched}. */
  public TextOperation withLatched() {
    return with(
        new Traits(traits.description, traits.advisory, traits.autoCancel, true, traits.timeLimit));
  }

  /** The same, failing when it takes longer than this. */
  public TextOperation withTimeLimit(Duration limit) {
    return with(
        new Traits(
            traits.description,
            traits.advisory,
            traits.autoCancel,
            traits.latched,
            Optional.of(limit)));
  }

  private TextOperation with(Traits other) {
    return new TextOperation(id, work, other);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String describe(String key, String value) {
    return traits.description.apply(key, value);
  }

  @Override
  public String keyDigest(String key) {
    return key;
  }

  @Override
  public String valueDigest(String value) {
    return value;
  }

  @Override
  public String encode(String outcome) {
    return outcome;
  }

  @Override
  public String decode(String text) {
    return text;
  }

  @Override
  public boolean isAdvisory(String key, String value) {
    return traits.advisory.test(key, value);
  }

  @Override
  public boolean autoCancel() {
    return traits.autoCancel;
  }

  @Override
  public boolean latched() {
    return traits.latched;
  }

  @Override
  public Optional<Duration> timeLimit() {
    return traits.timeLimit;
  }

  @Override
  public String run(Job job, String key, String value) throws Exception {
    return work.run(job, key, value);
  }
}
