package dev.millrace.engine.core;

import org.jspecify.annotations.Nullable;

/**
 * What flows through a pipeline: an outcome, and where it comes from, which tells a stage that
 * failed from one that waits for it.
 *
 * @param origin the id of the stage that failed, is active or was skipped; 0 for a value
 */
record Signal<T>(Outcome<T> outcome, int origin) {
  /** The origin of an outcome that no visible stage is to blame for. */
  static final int NOWHERE = -1;

  static <T> Signal<T> ok(T value) {
    return new Signal<>(new Outcome.Ok<>(value), 0);
  }

  static <T> Signal<T> of(Outcome<T> outcome, int origin) {
    return new Signal<>(outcome, outcome.isOk() ? 0 : origin);
  }

  boolean isOk() {
    return outcome instanceof Outcome.Ok;
  }

  T value() {
    return switch (outcome) {
      case Outcome.Ok<T>(T value) -> value;
      case Outcome.Failed<T> _, Outcome.Active<T> _, Outcome.Skipped<T> _ ->
          throw new IllegalStateException("There is no value: " + outcome);
    };
  }

  /** The same as a signal of another type; it must have no value. */
  @SuppressWarnings("unchecked") // Without a value the type parameter stands for nothing.
  <R> Signal<R> propagate() {
    if (isOk()) {
      throw new IllegalStateException("A value cannot be passed on as a failure: " + outcome);
    }
    return (Signal<R>) this;
  }

  /** How the stage {@code id} is shown that has come to this. */
  StageState stateOf(int id) {
    StageState own = outcome.state();
    return switch (own) {
      case PASSED, SKIPPED -> own;
      case FAILED, ERROR, CANCELLED, RUNNING, APPROVAL, QUEUED, BLOCKED ->
          origin == id ? own : StageState.BLOCKED;
    };
  }

  /**
   * Of the signal that decides so far, if any does, and the next, the one that decides: the first
   * failure, else the first that is active, else the first that was skipped; values never do.
   */
  static @Nullable Signal<?> worse(@Nullable Signal<?> soFar, Signal<?> next) {
    int rank = rank(next);
    return rank > (soFar == null ? 0 : rank(soFar)) ? next : soFar;
  }

  private static int rank(Signal<?> signal) {
    return switch (signal.outcome) {
      case Outcome.Ok<?> _ -> 0;
      case Outcome.Skipped<?> _ -> 1;
      case Outcome.Active<?> _ -> 2;
      case Outcome.Failed<?> _ -> 3;
    };
  }
}
