package dev.millrace.base;

import dev.millrace.base.History.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says of a {@link History} what in it cannot be if the system keeps its promises. The history must
 * be whole: faults have stopped, all that was wanted has had its time, and what the system then
 * keeps and shows has been looked at.
 */
public final class Judge {
  /** How long a job may go on once it is cancelled. */
  private static final Duration DYING = Duration.ofSeconds(10);

  private final List<Line> lines;
  private final List<Violation> violations = new ArrayList<>();

  private Judge(List<Line> lines) {
    this.lines = lines;
  }

  /** What is promised. */
  public enum Rule {
    /** A job that was acknowledged comes to an end. */
    J1,
    /** One result of a job is accepted at most, and it is that of the newest attempt. */
    J2,
    /** An attempt begins when the one before it is over, or is known to have lost its right. */
    J3,
    /** A cancelled job never starts afterwards; one that runs is dead within ten seconds. */
    J4,
    /** A job that was shown as ended stays ended, and as it ended. */
    J5,
    /** A finished log is what was written, or the beginning of it with a mark that it was cut. */
    J6,
    /** Every reference leads to something. */
    J7,
    /** An outside effect comes at most once for each intent, or was said to be one that may not. */
    J8,
    /** Nothing is done that nobody asked for; a call that timed out may have been heard or not. */
    J9
  }

  /**
   * A promise that was not kept.
   *
   * @param what in words
   * @param lines the events that show it, in order
   */
  public record Violation(Rule rule, String what, List<Line> lines) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(rule + ": " + what);
      lines.forEach(line -> text.append("\n    ").append(line));
      return text.toString();
    }
  }

  /** Every violation, by rule; none if all is well. */
  public static List<Violation> judge(List<Line> lines) {
    Judge judge = new Judge(lines);
    judge.jobs().forEach(judge::judgeJob);
    judge.judgeLogs();
    judge.judgeReferences();
    judge.judgeEffects();
    return judge.violations.stream()
        .sorted(java.util.Comparator.comparing(Violation::rule))
        .toList();
  }

  private void report(Rule rule, String what, Line... evidence) {
    violations.add(new Violation(rule, what, List.of(evidence)));
  }

  /** What concerns each job, in order. */
  private Map<String, List<Line>> jobs() {
    Map<String, List<Line>> jobs = new LinkedHashMap<>();
    for (Line line : lines) {
      String job =
          switch (line.event()) {
            case Event.Submitted(String name) -> name;
            case Event.Acknowledged(String name) -> name;
            case Event.Refused(String name) -> name;
            case Event.TimedOut(String name) -> name;
            case Event.Started(String name, long _) -> name;
            case Event.LeaseLost(String name, long _) -> name;
            case Event.Stopped(String name, long _) -> name;
            case Event.Offered(String name, long _, String _) -> name;
            case Event.Accepted(String name, long _, String _) -> name;
            case Event.CancelRequested(String name) -> name;
            case Event.Ended(String name, String _) -> name;
            case Event _ -> "";
          };
      if (!job.isEmpty()) {
        jobs.computeIfAbsent(job, _ -> new ArrayList<>()).add(line);
      }
    }
    return jobs;
  }

  private void judgeJob(String job, List<Line> life) {
    judgeCalls(job, life);
    judgeAttempts(job, life);
    judgeResults(job, life);
    judgeCancellation(job, life);
    judgeEnd(job, life);
  }

  private static List<Line> of(List<Line> life, Class<? extends Event> kind) {
    return life.stream().filter(line -> kind.isInstance(line.event())).toList();
  }

  // J1, J9

  private void judgeCalls(String job, List<Line> life) {
    List<Line> acknowledged = of(life, Event.Acknowledged.class);
    if (!acknowledged.isEmpty() && of(life, Event.Ended.class).isEmpty()) {
      report(
          Rule.J1, "job %s was acknowledged and is lost".formatted(job), acknowledged.getFirst());
    }
    List<Line> refused = of(life, Event.Refused.class);
    boolean wanted =
        !of(life, Event.Submitted.class).isEmpty()
            && (refused.isEmpty() || !acknowledged.isEmpty());
    for (Line line : life) {
      boolean done = line.event() instanceof Event.Started || line.event() instanceof Event.Ended;
      if (done && !wanted) {
        Line[] evidence =
            refused.isEmpty() ? new Line[] {line} : new Line[] {refused.getFirst(), line};
        report(Rule.J9, "job %s was not asked for, or refused".formatted(job), evidence);
        return;
      }
    }
  }

  // J3

  private void judgeAttempts(String job, List<Line> life) {
    Map<Long, Line> running = new LinkedHashMap<>();
    for (Line line : life) {
      switch (line.event()) {
        case Event.Started(String _, long token) -> {
          running
              .values()
              .forEach(
                  other -> report(Rule.J3, "attempts at %s overlap".formatted(job), other, line));
          running.put(token, line);
        }
        case Event.LeaseLost(String _, long token) -> running.remove(token);
        case Event.Stopped(String _, long token) -> running.remove(token);
        case Event.Offered(String _, long token, String _) -> running.remove(token);
        case Event _ -> {}
      }
    }
  }

  // J2

  private void judgeResults(String job, List<Line> life) {
    Line newest = null;
    Line taken = null;
    Set<Event> offers = new LinkedHashSet<>();
    for (Line line : life) {
      switch (line.event()) {
        case Event.Started(String _, long token) -> {
          if (newest != null && token <= token(newest)) {
            report(Rule.J2, "the token of %s does not grow".formatted(job), newest, line);
          }
          newest = line;
        }
        case Event.Offered offer -> offers.add(offer);
        case Event.Accepted(String _, long token, String result) -> {
          if (!offers.contains(new Event.Offered(job, token, result))) {
            report(Rule.J2, "nobody offered this result of %s".formatted(job), line);
          }
          if (newest != null && token < token(newest)) {
            report(Rule.J2, "not the newest attempt at %s".formatted(job), newest, line);
          }
          if (taken != null && !taken.event().equals(line.event())) {
            report(Rule.J2, "two results of %s were accepted".formatted(job), taken, line);
          }
          taken = line;
        }
        case Event _ -> {}
      }
    }
  }

  private static long token(Line line) {
    return ((Event.Started) line.event()).token();
  }

  // J4

  private void judgeCancellation(String job, List<Line> life) {
    List<Line> cancelled = of(life, Event.CancelRequested.class);
    if (cancelled.isEmpty()) {
      return;
    }
    Line request = cancelled.getFirst();
    Map<Long, Line> running = new LinkedHashMap<>();
    for (Line line : life) {
      boolean late = line.at().compareTo(request.at().plus(DYING)) > 0;
      switch (line.event()) {
        case Event.Started(String _, long token) -> {
          if (line.number() > request.number()) {
            report(Rule.J4, "job %s starts though it is cancelled".formatted(job), request, line);
          }
          running.put(token, line);
        }
        case Event.LeaseLost(String _, long token) -> stopped(job, running, token, request, late);
        case Event.Stopped(String _, long token) -> stopped(job, running, token, request, late);
        case Event.Offered(String _, long token, String _) ->
            stopped(job, running, token, request, late);
        case Event _ -> {}
      }
    }
    running
        .values()
        .forEach(
            line -> report(Rule.J4, "job %s was never seen dead".formatted(job), line, request));
  }

  private void stopped(
      String job, Map<Long, Line> running, long token, Line request, boolean late) {
    Line start = running.remove(token);
    if (late && start != null) {
      report(Rule.J4, "job %s went on for too long".formatted(job), start, request);
    }
  }

  // J5

  private void judgeEnd(String job, List<Line> life) {
    Line end = null;
    for (Line line : life) {
      switch (line.event()) {
        case Event.Ended _ -> {
          if (end != null && !end.event().equals(line.event())) {
            report(Rule.J5, "job %s ended twice, and differently".formatted(job), end, line);
          }
          end = end == null ? line : end;
        }
        case Event.Started _ -> {
          if (end != null) {
            report(Rule.J5, "job %s starts after its end".formatted(job), end, line);
          }
        }
        case Event _ -> {}
      }
    }
  }

  // J6

  private void judgeLogs() {
    Map<String, StringBuilder> written = new LinkedHashMap<>();
    Map<String, Line> unread = new LinkedHashMap<>();
    Map<String, Line> finished = new LinkedHashMap<>();
    for (Line line : lines) {
      switch (line.event()) {
        case Event.Written(String log, String text) ->
            written.computeIfAbsent(log, _ -> new StringBuilder()).append(text);
        case Event.Finished(String log) -> {
          unread.put(log, line);
          finished.put(log, line);
        }
        case Event.Expired(String log) -> unread.remove(log);
        case Event.Read(String log, String text, boolean cut) -> {
          unread.remove(log);
          Line end = finished.get(log);
          String whole = written.getOrDefault(log, new StringBuilder()).toString();
          if (end != null && !(cut ? whole.startsWith(text) : whole.equals(text))) {
            report(
                Rule.J6, "log %s is not what was written, \"%s\"".formatted(log, whole), end, line);
          }
        }
        case Event _ -> {}
      }
    }
    unread.forEach(
        (log, line) -> report(Rule.J6, "the finished log %s is gone".formatted(log), line));
  }

  // J7

  private void judgeReferences() {
    List<Line> references = new ArrayList<>();
    Set<String> held = new LinkedHashSet<>();
    for (Line line : lines) {
      switch (line.event()) {
        case Event.Inventory _ -> {
          judgeInventory(references, held);
          references.clear();
          held.clear();
        }
        case Event.Refers _ -> references.add(line);
        case Event.Holds(String thing) -> held.add(thing);
        case Event _ -> {}
      }
    }
    judgeInventory(references, held);
  }

  private void judgeInventory(List<Line> references, Set<String> held) {
    for (Line line : references) {
      if (line.event() instanceof Event.Refers(String from, String to) && !held.contains(to)) {
        report(Rule.J7, "%s refers to %s, which is not there".formatted(from, to), line);
      }
    }
  }

  // J8

  private void judgeEffects() {
    Set<String> intended = new LinkedHashSet<>();
    Map<String, List<Line>> done = new LinkedHashMap<>();
    Map<String, Integer> allowed = new LinkedHashMap<>();
    for (Line line : lines) {
      switch (line.event()) {
        case Event.Intended(String intent) -> intended.add(intent);
        case Event.MayRepeat(String intent) -> allowed.merge(intent, 1, Integer::sum);
        case Event.Done(String intent) -> {
          done.computeIfAbsent(intent, _ -> new ArrayList<>()).add(line);
          if (!intended.contains(intent)) {
            report(Rule.J8, "nobody wanted the effect %s".formatted(intent), line);
          }
        }
        case Event _ -> {}
      }
    }
    done.forEach(
        (intent, times) -> {
          if (times.size() > 1 + allowed.getOrDefault(intent, 0)) {
            report(
                Rule.J8,
                "the effect %s was repeated".formatted(intent),
                times.toArray(Line[]::new));
          }
        });
  }
}
