package dev.millrace.engine.core;

import java.util.EnumMap;
import java.util.Map;

/**
 * How many stages of a pipeline are in each state, exactly.
 *
 * @param byState every state, those without stages as 0
 */
public record StageCounts(Map<StageState, Integer> byState) {
  /** Copies, and fills in what is missing. */
  public StageCounts {
    EnumMap<StageState, Integer> all = new EnumMap<>(StageState.class);
    for (StageState state : StageState.values()) {
      all.put(state, byState.getOrDefault(state, 0));
    }
    byState = Map.copyOf(all);
  }

  /** The number of stages in this state. */
  public int of(StageState state) {
    return byState.getOrDefault(state, 0);
  }
}
