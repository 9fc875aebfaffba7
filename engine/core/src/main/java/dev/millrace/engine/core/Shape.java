package dev.millrace.engine.core;

import dev.millrace.incremental.Value;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a stage is, for drawing. */
sealed interface Shape {
  /** A constant; drawn if it has a label, or nothing explains why it has no value. */
  record Constant(Optional<String> label) implements Shape {}

  /** Something from outside. */
  record Source(String label, Value<? extends SourceView> view, Trail trail) implements Shape {}

  /** A function of others; drawn only where it fails by itself. */
  record Function(List<Current<?>> sources) implements Shape {}

  /** Lets a value pass once a control is good. */
  record Gate(Current<?> value, Current<?> control) implements Shape {}

  /** The state of another stage as a value. */
  record Reading(Optional<String> label, Current<?> source) implements Shape {}

  /** Where a value chooses a part of the pipeline; drawn if it has a label, or failed by itself. */
  record Gateway(Optional<String> label, Current<?> source) implements Shape {}

  /** The part of the pipeline that a value chooses; the cell belongs to the evaluation thread. */
  record Bind(Current<?> gateway, AtomicReference<Optional<Current<?>>> chosen) implements Shape {}

  /** An operation. */
  record Run(
      Value<String> label, List<Current<?>> sources, Value<? extends RunView> view, Trail trail)
      implements Shape {}

  /** A member of a list. */
  record Item(Value<String> label, Current<?> source) implements Shape {}

  /**
   * A pipeline for each member of a list.
   *
   * @param parts what was made for the members, or the ghost where there is none
   */
  record Each(Current<?> source, Supplier<List<Current<?>>> parts) implements Shape {}

  /** How an input stands. */
  record SourceView(Optional<StageState> refreshing, Optional<String> stale) {
    static final SourceView PLAIN = new SourceView(Optional.empty(), Optional.empty());
  }

  /**
   * How the job of an operation stands.
   *
   * @param waits what the job waits for before it can begin, for people
   * @param advisory whether a failure of it does not count
   */
  record RunView(
      Optional<JobId> job, Optional<StageState> update, Optional<String> waits, boolean advisory) {
    static final RunView NONE = new RunView(Optional.empty(), Optional.empty());

    RunView(Optional<JobId> job, Optional<StageState> update) {
      this(job, update, Optional.empty());
    }

    RunView(Optional<JobId> job, Optional<StageState> update, Optional<String> waits) {
      this(job, update, waits, false);
    }

    RunView asAdvisory() {
      return new RunView(job, update, waits, true);
    }
  }

  /**
   * A set of stages that is drawn as one when folded.
   *
   * @param key unique in the pipeline
   */
  record Fold(String key, String label, @Nullable Fold parent, boolean openAtFirst) {
    static Fold in(@Nullable Fold parent, String label, Current.Opening opening) {
      String name = label.replaceAll("[^A-Za-z0-9_.+-]+", "-");
      String key = parent == null ? name : parent.key + "/" + name;
      return new Fold(key, label, parent, opening == Current.Opening.OPEN);
    }
  }
}
