package dev.millrace.engine.core;

import dev.millrace.engine.core.JobReason.Cause;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an input or an operation was before it became what it is, and since which round: what
 * reasons are made of. What it does in between, while it is active, is left out. Belongs to the
 * evaluation thread.
 */
final class Trail {
  /** How many stages are looked at for one reason, so that no reason costs much. */
  private static final int LOOKED_AT_MAX = 2000;

  private @Nullable Outcome<?> before;
  private @Nullable Outcome<?> now;
  private long round;
  private long ended;

  /** A change and the round in which it happened. */
  private record Found(long round, Cause cause) {}

  /** Takes what the stage has come to in this round, and returns it. */
  <T> Signal<T> note(Signal<T> signal, long thisRound) {
    Outcome<T> outcome = signal.outcome();
    if (!(outcome instanceof Outcome.Active<T>)
        && (now == null || !Blueprint.equal(now, outcome))) {
      before = now;
      now = outcome;
      round = thisRound;
    }
    return signal;
  }

  /** The same for an operation whose outcome came with the end of a job in a round. */
  <T> Signal<T> note(Signal<T> signal, long thisRound, long jobEnded) {
    ended = jobEnded;
    return note(signal, thisRound);
  }

  private boolean changedSince(long since, boolean byJob) {
    return now != null && round > since && (!byJob || ended > since);
  }

  /**
   * What has changed, after a round, before stages that read {@code stages}: the inputs, and the
   * operations whose jobs have ended, but nothing before those, newest first.
   */
  static List<Cause> causes(List<Current<?>> stages, long since) {
    return found(stages, since).stream().map(Found::cause).limit(JobReason.CAUSES_MAX).toList();
  }

  private static List<Found> found(List<Current<?>> stages, long since) {
    List<Found> found = new ArrayList<>();
    Set<Current<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Current<?>> left = new ArrayDeque<>(stages);
    while (!left.isEmpty() && seen.size() < LOOKED_AT_MAX) {
      Current<?> stage = left.poll();
      if (!seen.add(stage)) {
        continue;
      }
      Optional<Trail> trail = of(stage);
      boolean run = stage.shape() instanceof Shape.Run;
      if (trail.isPresent() && trail.get().changedSince(since, run)) {
        found.add(new Found(trail.get().round, trail.get().cause(stage)));
      } else {
        // An operation that shows what was known before does so because of what it reads.
        left.addAll(Picture.neighbours(stage));
      }
    }
    found.sort(Comparator.comparingLong(Found::round).reversed());
    return found;
  }

  private static Optional<Trail> of(Current<?> stage) {
    return switch (stage.shape()) {
      case Shape.Source source -> Optional.of(source.trail());
      case Shape.Run run -> Optional.of(run.trail());
      case Shape.Constant _,
          Shape.Function _,
          Shape.Gate _,
          Shape.Reading _,
          Shape.Gateway _,
          Shape.Bind _,
          Shape.Item _,
          Shape.Each _ ->
          Optional.empty();
    };
  }

  private Cause cause(Current<?> stage) {
    String after = text(now);
    return switch (stage.shape()) {
      case Shape.Run run ->
          new Cause(run.label().get(), text(before), after, run.view().get().job());
      case Shape.Source source -> new Cause(source.label(), text(before), after, Optional.empty());
      case Shape.Constant _,
          Shape.Function _,
          Shape.Gate _,
          Shape.Reading _,
          Shape.Gateway _,
          Shape.Bind _,
          Shape.Item _,
          Shape.Each _ ->
          throw new IllegalStateException("Such a stage has no trail: " + stage.shape());
    };
  }

  // The boundary to the author's code: a text is only for show.
  @SuppressWarnings("CatchingUnchecked")
  private static String text(@Nullable Outcome<?> outcome) {
    if (outcome == null) {
      return "";
    }
    try {
      return switch (outcome) {
        case Outcome.Ok<?>(Object value) -> String.valueOf(value);
        case Outcome.Failed<?> failed -> "failed: " + failed.message();
        case Outcome.Skipped<?> skipped -> "skipped: " + skipped.reason();
        case Outcome.Active<?> _ -> "";
      };
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError bug) {
      return Traces.headline(bug);
    }
  }
}
