package dev.millrace.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.History.Line;
import dev.millrace.base.Judge.Rule;
import dev.millrace.base.Judge.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: each rule finds what breaks it, and only that. A second passes from line to line. */
class JudgeTest {
  private static List<Violation> judge(Event... events) {
    List<Line> lines = new ArrayList<>();
    for (Event event : events) {
      int number = lines.size() + 1;
      lines.add(new Line(number, Duration.ofSeconds(number), "test", event));
    }
    return Judge.judge(lines);
  }

  private static void assertGood(Event... events) {
    assertThat(judge(events)).isEmpty();
  }

  private static void assertBroken(Rule rule, List<Integer> numbers, Event... events) {
    List<Violation> found = judge(events);
    assertThat(found).extracting(Violation::rule).containsExactly(rule);
    assertThat(found.getFirst().lines()).extracting(Line::number).isEqualTo(numbers);
  }

  private static final Event CALL = new Event.Submitted("a");
  private static final Event ACKNOWLEDGED = new Event.Acknowledged("a");
  private static final Event REFUSED = new Event.Refused("a");
  private static final Event START = new Event.Started("a", 1);
  private static final Event START_2 = new Event.Started("a", 2);
  private static final Event OFFER = new Event.Offered("a", 1, "x");
  private static final Event OFFER_2 = new Event.Offered("a", 2, "y");
  private static final Event ACCEPT = new Event.Accepted("a", 1, "x");
  private static final Event ACCEPT_2 = new Event.Accepted("a", 2, "y");
  private static final Event LOST = new Event.LeaseLost("a", 1);
  private static final Event CANCEL = new Event.CancelRequested("a");
  private static final Event ENDED = new Event.Ended("a", "passed");

  @Test
  void aPlainLifeIsGood() {
    assertGood(CALL, ACKNOWLEDGED, START, OFFER, ACCEPT, ENDED, ENDED);
  }

  @Test
  void whatWasAcknowledgedEnds() {
    assertBroken(Rule.J1, List.of(2), CALL, ACKNOWLEDGED, START, OFFER);
    assertGood(CALL, START, OFFER);
  }

  @Test
  void oneResultIsAcceptedAndItIsTheNewest() {
    assertGood(CALL, START, LOST, START_2, OFFER_2, ACCEPT_2, ACCEPT_2, ENDED);
    assertGood(CALL, START, LOST, START_2, OFFER, OFFER_2, ACCEPT_2);
    assertBroken(Rule.J2, List.of(4, 6), CALL, START, LOST, START_2, OFFER, ACCEPT);
    assertBroken(Rule.J2, List.of(4, 7), CALL, START, OFFER, ACCEPT, START_2, OFFER_2, ACCEPT_2);
    assertBroken(Rule.J2, List.of(3), CALL, START, ACCEPT);
    assertBroken(Rule.J2, List.of(2, 4), CALL, START_2, OFFER_2, START, OFFER);
  }

  @Test
  void attemptsDoNotOverlap() {
    assertGood(CALL, START, LOST, START_2);
    assertGood(CALL, START, OFFER, START_2);
    assertGood(CALL, START, new Event.Stopped("a", 1), START_2);
    assertBroken(Rule.J3, List.of(2, 3), CALL, START, START_2);
  }

  @Test
  void whatIsCancelledStops() {
    Event stopped = new Event.Stopped("a", 1);
    Event other = new Event.Inventory();
    assertGood(CALL, START, CANCEL, stopped);
    assertGood(CALL, CANCEL);
    assertBroken(Rule.J4, List.of(2, 3), CALL, CANCEL, START, stopped);
    assertBroken(Rule.J4, List.of(2, 3), CALL, START, CANCEL);
    assertGood(
        CALL, START, CANCEL, other, other, other, other, other, other, other, other, other,
        stopped);
    assertBroken(
        Rule.J4,
        List.of(2, 3),
        CALL,
        START,
        CANCEL,
        other,
        other,
        other,
        other,
        other,
        other,
        other,
        other,
        other,
        other,
        stopped);
  }

  @Test
  void endsDoNotChange() {
    assertBroken(Rule.J5, List.of(2, 3), CALL, ENDED, new Event.Ended("a", "failed"));
    assertBroken(Rule.J5, List.of(4, 5), CALL, START, OFFER, ENDED, START_2);
  }

  @Test
  void finishedLogsAreWhole() {
    Event one = new Event.Written("l", "one\n");
    Event two = new Event.Written("l", "two ½\n");
    Event finished = new Event.Finished("l");
    Event read = new Event.Read("l", "one\ntwo ½\n", false);
    assertGood(one, two, finished, read, read);
    assertGood(one, two);
    assertGood(one, finished, new Event.Expired("l"));
    assertGood(one, two, finished, new Event.Read("l", "one\nt", true));
    assertBroken(Rule.J6, List.of(3, 4), one, two, finished, new Event.Read("l", "one\n", false));
    assertBroken(Rule.J6, List.of(3, 4), one, two, finished, new Event.Read("l", "two", true));
    assertBroken(Rule.J6, List.of(3), one, two, finished);
  }

  @Test
  void referencesLeadSomewhere() {
    Event inventory = new Event.Inventory();
    Event refers = new Event.Refers("row", "log");
    Event holds = new Event.Holds("log");
    assertGood(inventory, refers, holds, inventory, holds, refers);
    assertBroken(Rule.J7, List.of(5), inventory, refers, holds, inventory, refers);
    assertBroken(Rule.J7, List.of(2), inventory, refers, inventory, holds);
  }

  @Test
  void effectsComeOnce() {
    Event intended = new Event.Intended("push");
    Event done = new Event.Done("push");
    assertGood(intended, done);
    assertGood(intended, done, new Event.MayRepeat("push"), done);
    assertBroken(Rule.J8, List.of(2, 3), intended, done, done);
    assertBroken(Rule.J8, List.of(1), done);
  }

  @Test
  void onlyWhatWasAskedForIsDone() {
    Event timedOut = new Event.TimedOut("a");
    assertGood(CALL, timedOut);
    assertGood(CALL, timedOut, START, OFFER, ENDED);
    assertGood(CALL, REFUSED);
    assertGood(CALL, REFUSED, CALL, ACKNOWLEDGED, ENDED);
    assertBroken(Rule.J9, List.of(2, 3), CALL, REFUSED, ENDED);
    assertBroken(Rule.J9, List.of(1), START, OFFER);
  }

  @Test
  void aViolationNamesRuleEventsAndLines() {
    assertThat(judge(CALL, ACKNOWLEDGED))
        .hasToString(
            """
            [J1: job a was acknowledged and is lost
                line 2: test Acknowledged[job=a]]""");
  }
}
