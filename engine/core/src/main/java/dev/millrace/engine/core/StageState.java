package dev.millrace.engine.core;

/**
 * What a stage of a pipeline, or a job, is seen to be doing. Later constants are never a reason to
 * hide earlier ones.
 */
public enum StageState {
  /** It has a value. */
  PASSED,
  /** It failed by itself. */
  FAILED,
  /** The machine or Millrace itself failed, not the work. */
  ERROR,
  /** A person stopped it. */
  CANCELLED,
  /** Its job is at work. */
  RUNNING,
  /** Its level needs somebody's approval first. */
  APPROVAL,
  /** It waits for a free place, or for its job to begin. */
  QUEUED,
  /** It waits for something before it that failed or is not ready. */
  BLOCKED,
  /** It was not to be had, for a stated reason, and that is no failure. */
  SKIPPED
}
