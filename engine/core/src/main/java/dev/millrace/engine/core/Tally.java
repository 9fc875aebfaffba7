package dev.millrace.engine.core;

import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts the stages by what they are seen to be doing. Belongs to the evaluation thread. */
final class Tally {
  private final Map<StageState, Integer> counts = new EnumMap<>(StageState.class);
  private final InstantSource clock;

  Tally(InstantSource clock) {
    this.clock = clock;
  }

  /** The entry of one stage. */
  static final class Slot {
    private @Nullable StageState state;
    private Instant since = Instant.EPOCH;

    @Nullable StageState state() {
      return state;
    }

    Instant since() {
      return since;
    }
  }

  void move(Slot slot, StageState state) {
    if (slot.state == state) {
      return;
    }
    remove(slot);
    slot.state = state;
    slot.since = clock.instant();
    counts.merge(state, 1, Integer::sum);
  }

  void remove(Slot slot) {
    if (slot.state != null) {
      counts.merge(slot.state, -1, Integer::sum);
      slot.state = null;
    }
  }

  StageCounts counts() {
    return new StageCounts(counts);
  }
}
