package dev.millrace.base;

/**
 * One thing that was seen to happen to a system that works on jobs: the vocabulary of a {@link
 * History}. Immutable.
 *
 * <p>A <em>job</em> is something that was asked for and is to be done once. An <em>attempt</em> at
 * it bears a token, and a later attempt a larger one. An event is written by whoever does or sees
 * it, a call's answer by the caller.
 */
public sealed interface Event {
  /** A program was started by the rig. */
  record Launched(String program) implements Event {}

  /** A program does its work: it answers, and shows what it knows from before. */
  record Serving(String program) implements Event {}

  /** A program is dead, and so is all that it did. */
  record Killed(String program) implements Event {}

  /** A client is about to ask for a job. */
  record Submitted(String job) implements Event {}

  /** The client was told that the job is accepted. */
  record Acknowledged(String job) implements Event {}

  /** The client was told that the job is not accepted. */
  record Refused(String job) implements Event {}

  /** The client was told nothing: the job may be accepted or not. */
  record TimedOut(String job) implements Event {}

  /** An attempt begins. */
  record Started(String job, long token) implements Event {}

  /** An attempt has lost its right to the job, as whoever gave it knows. */
  record LeaseLost(String job, long token) implements Event {}

  /** Nothing of an attempt runs any more. */
  record Stopped(String job, long token) implements Event {}

  /** An attempt has come to an end, and says what came of it. */
  record Offered(String job, long token, String result) implements Event {}

  /** The system took what came of an attempt as what came of the job. */
  record Accepted(String job, long token, String result) implements Event {}

  /** Somebody was told that a job is cancelled. */
  record CancelRequested(String job) implements Event {}

  /** The system was seen to show a job as ended. */
  record Ended(String job, String state) implements Event {}

  /** Something was written into a log. */
  record Written(String log, String text) implements Event {}

  /** Nothing more is written into a log, and all that was is to be kept. */
  record Finished(String log) implements Event {}

  /**
   * The whole of a log was read after it was finished.
   *
   * @param cut whether it says at its end that it was cut there; {@code text} is without that
   */
  record Read(String log, String text, boolean cut) implements Event {}

  /** A log need not be kept any longer. */
  record Expired(String log) implements Event {}

  /** An outside effect is wanted once. */
  record Intended(String intent) implements Event {}

  /** The outside effect was seen, outside. */
  record Done(String intent) implements Event {}

  /** The system said that the effect may come once more than it should. */
  record MayRepeat(String intent) implements Event {}

  /** The clock that programs go by was set forward, or back if this is below 0. */
  record ClockSet(long millis) implements Event {}

  /** The system says why something did not come when it was due. */
  record Missed(String job, String because) implements Event {}

  /** Somebody begins to list what the system keeps, which is at rest until the next is listed. */
  record Inventory() implements Event {}

  /** The system keeps something that refers to something else. */
  record Refers(String from, String to) implements Event {}

  /** The system keeps this, whole. */
  record Holds(String thing) implements Event {}
}
