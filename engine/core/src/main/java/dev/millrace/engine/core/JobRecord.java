package dev.millrace.engine.core;

import java.time.Instant;
import java.util.Optional;

/**
 * What is kept of a job.
 *
 * @param key the operation's digest of its key
 * @param value the digest of what it was to be brought to
 * @param outcome what the operation's {@code encode} made of the outcome, if it passed
 * @param reason why it was run; empty for jobs from before that was recorded
 * @param rebuild whether the result is not to be used any more
 * @param advisory whether a failure of it does not count
 */
record JobRecord(
    JobId id,
    String operation,
    String key,
    String value,
    String description,
    long build,
    State state,
    Optional<String> message,
    Optional<String> outcome,
    boolean rebuild,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> finished,
    Optional<JobReason> reason,
    boolean advisory) {

  /** What became of a job. */
  enum State {
    OPEN(StageState.RUNNING, false),
    PASSED(StageState.PASSED, true),
    FAILED(StageState.FAILED, true),
    ERROR(StageState.ERROR, true),
    CANCELLED(StageState.CANCELLED, true),
    SKIPPED(StageState.SKIPPED, true),
    /** Millrace ended while it was open. */
    INTERRUPTED(StageState.ERROR, false),
    /** Stopped by Millrace, because nothing wanted it any more. */
    DROPPED(StageState.CANCELLED, false);

    private final StageState shown;
    private final boolean result;

    State(StageState shown, boolean result) {
      this.shown = shown;
      this.result = result;
    }

    StageState shown() {
      return shown;
    }

    boolean isResult() {
      return result;
    }

    static State of(Outcome<?> outcome) {
      return switch (outcome) {
        case Outcome.Ok<?> _ -> PASSED;
        case Outcome.Skipped<?> _ -> SKIPPED;
        case Outcome.Failed<?> failed ->
            switch (failed.kind()) {
              case WORK -> FAILED;
              case ERROR -> ERROR;
              case CANCELLED -> CANCELLED;
            };
        case Outcome.Active<?> _ ->
            throw new IllegalArgumentException("A job cannot end as active");
      };
    }
  }

  JobRecord ended(
      State newState,
      Optional<String> newMessage,
      Optional<String> newOutcome,
      Optional<Instant> newStarted,
      Instant newFinished) {
    return new JobRecord(
        id,
        operation,
        key,
        value,
        description,
        build,
        newState,
        newMessage,
        newOutcome,
        rebuild,
        created,
        newStarted,
        Optional.of(newFinished),
        reason,
        advisory);
  }
}
