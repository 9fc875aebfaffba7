package dev.millrace.engine.core;

/** Why a job was stopped. */
record Cancellation(Cause cause, String reason) {
  /** On whose behalf. */
  enum Cause {
    /** A person asked for it. */
    PERSON,
    /** It took too long. */
    TIME_LIMIT,
    /** Nothing wants it any more. */
    UNWANTED,
    /** The engine closes. */
    CLOSING
  }
}
