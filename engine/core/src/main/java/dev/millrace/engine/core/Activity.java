package dev.millrace.engine.core;

/** What a stage without a result yet is doing. */
public enum Activity {
  /** It is about to begin, or waits for a place. */
  READY,
  /** It is at work. */
  RUNNING,
  /** It waits for somebody's approval. */
  WAITING_FOR_CONFIRMATION;

  StageState state() {
    return switch (this) {
      case READY -> StageState.QUEUED;
      case RUNNING -> StageState.RUNNING;
      case WAITING_FOR_CONFIRMATION -> StageState.APPROVAL;
    };
  }
}
