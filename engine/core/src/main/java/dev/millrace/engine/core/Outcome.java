package dev.millrace.engine.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.function.Function;

/**
 * What a stage has come to. Immutable if its value is.
 *
 * <p>A stage that reads several others takes the first failure among them; without one, the first
 * that is active; without one, the first that was skipped; only with all values at hand has it a
 * value.
 *
 * @param <T> the value of a stage that has one
 */
public sealed interface Outcome<T> {
  /** It has a value. */
  record Ok<T>(T value) implements Outcome<T> {
    /** Checks. */
    public Ok {
      requireNonNull(value);
    }
  }

  /**
   * It failed.
   *
   * @param message what went wrong, for people; one line or few
   * @param kind whose failure it is
   * @param trace the stack trace of a bug, if it is one
   */
  record Failed<T>(String message, Kind kind, Optional<String> trace) implements Outcome<T> {
    /** A failure of the work itself. */
    public Failed(String message) {
      this(message, Kind.WORK, Optional.empty());
    }
  }

  /** It has no result yet. */
  record Active<T>(Activity activity) implements Outcome<T> {}

  /** It was not to be had, which is no failure; what needs its value is skipped too. */
  record Skipped<T>(String reason) implements Outcome<T> {}

  /** Whose failure it is. */
  enum Kind {
    /** The work failed: a build, a test. */
    WORK(StageState.FAILED),
    /** The machine or Millrace failed. */
    ERROR(StageState.ERROR),
    /** A person stopped it. */
    CANCELLED(StageState.CANCELLED);

    private final StageState state;

    Kind(StageState state) {
      this.state = state;
    }

    /** How a stage that failed so is shown. */
    public StageState state() {
      return state;
    }
  }

  /** A value. */
  static <T> Outcome<T> ok(T value) {
    return new Ok<>(value);
  }

  /** A failure of the work. */
  static <T> Outcome<T> failed(String message) {
    return new Failed<>(message);
  }

  /** No result yet. */
  static <T> Outcome<T> active(Activity activity) {
    return new Active<>(activity);
  }

  /** Not to be had. */
  static <T> Outcome<T> skipped(String reason) {
    return new Skipped<>(reason);
  }

  /** The failure that an exception from somebody's code stands for. */
  static <T> Outcome<T> error(Throwable bug) {
    return new Failed<>(Traces.headline(bug), Kind.ERROR, Optional.of(Traces.of(bug)));
  }

  /** The same with another value, if there is one. */
  default <R> Outcome<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Ok<T> ok -> new Ok<>(function.apply(ok.value));
      case Failed<T> failed -> new Failed<>(failed.message, failed.kind, failed.trace);
      case Active<T> active -> new Active<>(active.activity);
      case Skipped<T> skipped -> new Skipped<>(skipped.reason);
    };
  }

  /** The value, if there is one. */
  default Optional<T> toOptional() {
    return this instanceof Ok<T> ok ? Optional.of(ok.value) : Optional.empty();
  }

  /** Whether there is a value. */
  default boolean isOk() {
    return this instanceof Ok<T>;
  }

  /** How a stage that came to this by itself is shown. */
  default StageState state() {
    return switch (this) {
      case Ok<T> _ -> StageState.PASSED;
      case Failed<T> failed -> failed.kind.state();
      case Active<T> active -> active.activity.state();
      case Skipped<T> _ -> StageState.SKIPPED;
    };
  }

  /** Why it failed or was skipped; empty otherwise. */
  default Optional<String> explanation() {
    return switch (this) {
      case Failed<T> failed -> Optional.of(failed.message);
      case Skipped<T> skipped -> Optional.of(skipped.reason);
      case Ok<T> _, Active<T> _ -> Optional.empty();
    };
  }
}
