package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private static final Instant NOW = TestObjects.NOW;

  private final List<Diagram.Node> nodes = new ArrayList<>();
  private final List<Diagram.Edge> edges = new ArrayList<>();
  private final Map<JobId, JobSummary> jobs = new LinkedHashMap<>();

  /** A stage whose job was made, began and ended so many seconds ago; -1 for not yet. */
  private void stage(int id, int created, int started, int finished) {
    JobId job = TestObjects.job(id, "build");
    nodes.add(
        TestObjects.node(id, "s" + id, StageState.PASSED, Optional.of(job), Optional.empty()));
    jobs.put(
        job,
        new JobSummary(
            job,
            "build",
            "s" + id,
            "k" + id,
            0,
            StageState.PASSED,
            Optional.empty(),
            NOW.minusSeconds(created),
            ago(started),
            ago(finished),
            true,
            false,
            false,
            false,
            false));
  }

  private static Optional<Instant> ago(int seconds) {
    return seconds < 0 ? Optional.empty() : Optional.of(NOW.minusSeconds(seconds));
  }

  private void gate(int id) {
    nodes.add(
        TestObjects.node(id, "g" + id, StageState.PASSED, Optional.empty(), Optional.empty()));
  }

  private void edge(int from, int to) {
    edges.add(new Diagram.Edge(from, to, false));
  }

  private Timeline timeline() {
    return Timeline.of(
        new Diagram(nodes, edges, List.of()), id -> Optional.ofNullable(jobs.get(id)), NOW);
  }

  private static List<String> labels(
      Timeline line, java.util.function.Predicate<Timeline.Row> which) {
    return line.rows().stream().filter(which).map(Timeline.Row::label).toList();
  }

  @Test
  void tellsWaitingQueueingAndRunningApart() {
    stage(1, 100, 100, 60);
    stage(2, 60, 40, 0);
    edge(1, 2);

    Timeline line = timeline();
    Timeline.Row second = line.rows().get(1);

    assertThat(line.length()).isEqualTo("1m40s");
    assertThat(line.waiting(second)).contains(new Timeline.Bar(0, 400));
    assertThat(line.queueing(second)).contains(new Timeline.Bar(400, 200));
    assertThat(line.running(second)).contains(new Timeline.Bar(600, 400));
    assertThat(line.words(second)).isEqualTo("waited 40s, queued 20s, ran 40s");
    assertThat(line.waiting(line.rows().getFirst())).isEmpty();
    assertThat(line.isOver()).isTrue();
  }

  @Test
  void theCriticalPathGoesThroughGates() {
    stage(1, 100, 100, 70);
    stage(2, 70, 70, 20);
    stage(3, 70, 70, 50);
    gate(4);
    stage(5, 20, 20, 5);
    stage(6, 100, 100, 30);
    edge(1, 2);
    edge(1, 3);
    edge(2, 4);
    edge(3, 4);
    edge(4, 5);

    assertThat(labels(timeline(), Timeline.Row::critical)).containsExactly("s1", "s2", "s5");
  }

  @Test
  void whatRanBeforeItWasIdleIsCached() {
    stage(1, 9_000, 9_000, 8_000);
    stage(2, 100, 100, 50);
    stage(3, 49, 49, 0);
    edge(1, 2);
    edge(2, 3);

    Timeline line = timeline();

    assertThat(line.begin()).isEqualTo(NOW.minusSeconds(100));
    assertThat(labels(line, row -> true)).containsExactly("s2", "s3", "s1");
    assertThat(labels(line, Timeline.Row::cached)).containsExactly("s1");
    assertThat(labels(line, Timeline.Row::critical)).containsExactly("s2", "s3");
    assertThat(line.words(line.rows().getLast())).isEqualTo("cached");
    assertThat(line.running(line.rows().getLast())).isEmpty();
  }

  @Test
  void whatGoesOnEndsNow() {
    stage(1, 100, 80, -1);
    stage(2, 90, -1, -1);

    Timeline line = timeline();

    assertThat(line.isOver()).isFalse();
    assertThat(line.end()).isEqualTo(NOW);
    assertThat(line.words(line.rows().getFirst())).isEqualTo("waited 0s, queued 20s, ran 1m20s");
    assertThat(line.words(line.rows().get(1))).isEqualTo("waited 10s, queued 1m30s");
    assertThat(line.running(line.rows().get(1))).isEmpty();
  }

  @Test
  void aJobOfTwoStagesIsShownOnce() {
    stage(1, 100, 100, 0);
    nodes.add(
        TestObjects.node(7, "again", StageState.PASSED, nodes.getFirst().job(), Optional.empty()));

    assertThat(labels(timeline(), row -> true)).containsExactly("s1");
  }

  @Test
  void nothingHasNoLength() {
    gate(1);

    assertThat(timeline().rows()).isEmpty();
    assertThat(timeline().length()).isEqualTo("0s");
  }

  @Test
  void whatTakesNoTimeIsStillSeen() {
    stage(1, 100, 100, 0);
    stage(2, 0, 0, 0);

    Timeline line = timeline();

    assertThat(line.running(line.rows().get(1))).contains(new Timeline.Bar(Timeline.WIDTH - 3, 3));
  }
}
