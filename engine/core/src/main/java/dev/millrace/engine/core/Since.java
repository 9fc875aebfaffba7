package dev.millrace.engine.core;

/**
 * Since when the inputs of a stage are not any more what they were when it last had a value: what
 * has changed since then is why it now has another. In between they may have been active for many
 * rounds, and what changed in the first of these counts. Belongs to the evaluation thread.
 */
final class Since {
  /** Later than any round. */
  static final long NEVER = Long.MAX_VALUE;

  private long broken = NEVER;

  /** What the part of the pipeline that this belongs to was made for. */
  private long inherited;

  /**
   * For a stage that is made now.
   *
   * @param inherited after which round what changed is why it is made; {@link #NEVER} if nothing is
   */
  Since(long inherited) {
    this.inherited = inherited;
  }

  /**
   * The inputs are evaluated; returns after which round what changed is why they are as they are.
   */
  long evaluated(boolean ok, long round) {
    broken = Math.min(broken, round);
    long since = Math.min(broken - 1, inherited);
    if (ok) {
      broken = NEVER;
      inherited = NEVER;
    }
    return since;
  }
}
