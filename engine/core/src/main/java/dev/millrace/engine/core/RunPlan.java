package dev.millrace.engine.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an engine does, or would do if it were started now, as far as that can be known without
 * running anything. Immutable.
 *
 * @param works the work that is wanted with inputs that are known, in the order in which it came up
 * @param unknown the labels of the stages that wait for work which would run, or of which nobody
 *     knows yet whether there will be such: what they want shows only then
 */
public record RunPlan(List<Work> works, List<String> unknown) {
  /** Copies. */
  public RunPlan {
    works = List.copyOf(works);
    unknown = List.copyOf(unknown);
  }

  /** What would become of some work. */
  public enum Fate {
    /** It would be run, or is being run. */
    RUNS,
    /** Its outcome is known, and it has one. */
    CACHED,
    /** It is known to fail, and would not be run again. */
    FAILS,
    /** It is known to be skipped. */
    SKIPPED
  }

  /**
   * Some work.
   *
   * @param key the operation's digest of its key
   * @param expected how long it would take, by how long it took before: the same key's jobs or else
   *     the operation's; empty if it would not run, or none has passed
   * @param why why it would run, if it would
   */
  public record Work(
      String operation,
      String key,
      String description,
      Fate fate,
      Optional<Duration> expected,
      Optional<JobReason> why) {}
}
