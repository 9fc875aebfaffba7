package dev.millrace.engine.core;

import dev.millrace.engine.core.Shape.RunView;
import java.util.Optional;

/**
 * What stages see of an {@link Instance}.
 *
 * @param reached the value that the outcome is for, if it is the outcome of one
 * @param ended the round in which the job that brought it ended; 0 if it was known before
 */
record View<O>(Outcome<O> outcome, RunView run, Optional<String> reached, long ended) {
  View(Outcome<O> outcome, RunView run) {
    this(outcome, run, Optional.empty(), 0);
  }

  /**
   * What a stage sees that wants a value. Between the stage's evaluation and the end of the round
   * the instance has not yet heard of it, and what it shows can be the outcome of another one.
   */
  View<O> wantedFor(Want<?, ?, O> want) {
    View<O> seen = seenBy(want);
    return want.advisory()
        ? new View<>(seen.outcome, seen.run.asAdvisory(), seen.reached, seen.ended)
        : seen;
  }

  private View<O> seenBy(Want<?, ?, O> want) {
    if (reached.isEmpty() || reached.get().equals(want.valueDigest())) {
      return this;
    }
    return want.traits().latched()
        ? new View<>(outcome, new RunView(run.job(), Optional.of(StageState.QUEUED)))
        : new View<>(Outcome.active(Activity.READY), new RunView(run.job(), Optional.empty()));
  }
}
