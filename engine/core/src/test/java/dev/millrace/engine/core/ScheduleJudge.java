package dev.millrace.engine.core;

import static java.util.Objects.requireNonNull;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says of a history what in it cannot be if every schedule comes to work when it is due, by time as
 * it passes: not before, and within a few seconds of being due and somebody being there to see it.
 *
 * <p>Two things are forgiven. An engine that was there when the clock was set forward, or began
 * after, takes what is due by the clock to be due. One that began after the clock was set back
 * cannot know how old a result is: it may count from its beginning, if it says so.
 */
final class ScheduleJudge {
  private static final Duration PROMPT = Duration.ofSeconds(5);

  /** Clocks are read one after the other, and records keep milliseconds. */
  private static final Duration TOLERANCE = Duration.ofMillis(50);

  private final Map<String, Duration> schedules;
  private final List<String> complaints = new ArrayList<>();
  private final Map<String, Wait> waits = new LinkedHashMap<>();
  private Optional<Duration> serving = Optional.empty();

  /** What is known of a schedule since its last work. */
  private static final class Wait {
    private final Duration due;
    private final Duration end;
    private boolean mayBeEarly;
    private boolean clockWasSetBack;

    /** When it may come at the latest, and must say why, after a start under a clock set back. */
    private Optional<Duration> excused = Optional.empty();

    private boolean saysWhy;

    Wait(Duration end, Duration validFor) {
      this.end = end;
      this.due = end.plus(validFor);
    }
  }

  private ScheduleJudge(Map<String, Duration> schedules) {
    this.schedules = schedules;
  }

  /** Every complaint; none if all is well. */
  static List<String> judge(Map<String, Duration> schedules, List<History.Line> lines) {
    ScheduleJudge judge = new ScheduleJudge(schedules);
    lines.forEach(judge::judge);
    return judge.complaints;
  }

  private void judge(History.Line line) {
    switch (line.event()) {
      case Event.Serving _ -> {
        serving = Optional.of(line.at());
        waits.forEach((name, wait) -> beginAnew(name, wait, line.at()));
      }
      case Event.Killed _ -> {
        waits.forEach((name, wait) -> judgeSilence(name, wait, line));
        serving = Optional.empty();
      }
      case Event.ClockSet(long millis) ->
          waits
              .values()
              .forEach(
                  wait -> {
                    wait.mayBeEarly |= millis > 0;
                    wait.clockWasSetBack |= millis < 0;
                  });
      case Event.Missed(String name, String _) ->
          Optional.ofNullable(waits.get(name)).ifPresent(wait -> wait.saysWhy = true);
      case Event.Started(String name, long _) ->
          Optional.ofNullable(waits.remove(name)).ifPresent(wait -> judgeStart(name, wait, line));
      case Event.Offered(String name, long _, String _) ->
          waits.put(name, new Wait(line.at(), validFor(name)));
      case Event _ -> {}
    }
  }

  private Duration validFor(String name) {
    return requireNonNull(schedules.get(name), name);
  }

  private void beginAnew(String name, Wait wait, Duration now) {
    if (wait.clockWasSetBack) {
      wait.excused = Optional.of(now.plus(validFor(name)));
    }
  }

  private void judgeStart(String name, Wait wait, History.Line line) {
    if (!wait.mayBeEarly && line.at().plus(TOLERANCE).compareTo(wait.due) < 0) {
      complain(name, wait, "comes too early", line);
    }
    judgeSilence(name, wait, line);
  }

  /** It has not come to work until now. */
  private void judgeSilence(String name, Wait wait, History.Line line) {
    if (serving.isEmpty()) {
      return;
    }
    Duration latest = max(wait.due, serving.get()).plus(PROMPT);
    if (line.at().compareTo(latest) <= 0) {
      return;
    }
    boolean forgiven =
        wait.excused.isPresent()
            && line.at().compareTo(wait.excused.get().plus(PROMPT)) <= 0
            && (wait.saysWhy || !(line.event() instanceof Event.Started));
    if (!forgiven) {
      complain(name, wait, "is late", line);
    }
  }

  private void complain(String name, Wait wait, String what, History.Line line) {
    complaints.add(
        "%s %s: it ended at %s, was due at %s, and it is %s: %s"
            .formatted(name, what, wait.end, wait.due, line.at(), line));
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }
}
