package dev.millrace.engine.core;

import java.time.Duration;
import java.util.Optional;

/**
 * An operation on texts: a name and what it does, for small pipelines and for tests. Write an
 * {@link Operation} of your own where keys, values and outcomes have types.
 *
 * <p>Immutable; jobs are described as {@code id key} or, where there is a value, {@code id key =
 * value}.
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

  private record Traits(boolean autoCancel, boolean latched, Optional<Duration> timeLimit) {}

  private TextOperation(String id, Work work, Traits traits) {
    this.id = id;
    this.work = work;
    this.traits = traits;
  }

  /** Neither stopped by itself nor latched, and without a time limit. */
  public static TextOperation of(String id, Work work) {
    return new TextOperation(id, work, new Traits(false, false, Optional.empty()));
  }

  /** The same, stopped when nothing wants it any more; see {@link Operation#autoCancel}. */
  public TextOperation withAutoCancel() {
    return new TextOperation(id, work, new Traits(true, traits.latched, traits.timeLimit));
  }

  /** The same, showing the old outcome meanwhile; see {@link Operation#latched}. */
  public TextOperation withLatched() {
    return new TextOperation(id, work, new Traits(traits.autoCancel, true, traits.timeLimit));
  }

  /** The same, failing when it takes longer than this. */
  public TextOperation withTimeLimit(Duration limit) {
    return new TextOperation(
        id, work, new Traits(traits.autoCancel, traits.latched, Optional.of(limit)));
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String describe(String key, String value) {
    return value.isEmpty() ? id + " " + key : "%s %s = %s".formatted(id, key, value);
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
