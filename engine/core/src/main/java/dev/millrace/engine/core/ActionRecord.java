package dev.millrace.engine.core;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that somebody did, or tried to do, to a running engine. Immutable.
 *
 * @param who the name under which they did it
 * @param target the id of the job, the level that was set, the pattern of the log rule, or the id
 *     of the user
 * @param refusal why it was not done; empty if it was
 */
public record ActionRecord(
    Instant happened, String who, What what, String target, Optional<String> refusal) {
  /** What was done. */
  public enum What {
    /** A job was stopped. */
    CANCEL,
    /** A job was run again. */
    REBUILD,
    /** A job was let start. */
    APPROVE,
    /** The level at and above which jobs wait for approval was set. */
    SET_CONFIRM,
    /** A log rule was stored, perhaps in place of another one. */
    STORE_LOG_RULE,
    /** A log rule was removed. */
    REMOVE_LOG_RULE,
    /** All sessions of a user were ended. */
    END_SESSIONS;

    /** As in the records: {@code set-confirm} and so on. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
