package dev.millrace.engine.web;

import dev.millrace.base.TaskScope;
import dev.millrace.engine.core.Diagram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lays out a diagram that nobody sees, so that the first one that somebody asks for is there at
 * once: a process that has never laid one out has a thousand classes to load before. Begins only
 * after a pause, which leaves the start to the engine; a server that closes before has no work with
 * it.
 */
final class WarmUp implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final int BRANCHES = 4;
  private static final int JOBS = 14;

  private final CountDownLatch closing = new CountDownLatch(1);
  private final TaskScope scope = TaskScope.open("web-warm-up");

  /** Begins. */
  void start() {
    scope.fork(
        () -> {
          if (!closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
            DiagramLayout.of(sample());
          }
        });
  }

  /** As of a CI service: branches, each with an analysis, jobs and a summary. */
  private static DiagramShape sample() {
    List<DiagramShape.Node> nodes = new ArrayList<>();
    List<Diagram.Edge> edges = new ArrayList<>();
    for (int branch = 0; branch < BRANCHES; branch++) {
      int head = nodes.size();
      for (int i = 0; i < JOBS + 3; i++) {
        nodes.add(
            new DiagramShape.Node(head + i, Diagram.Kind.STAGE, "stage " + i, Optional.empty()));
      }
      edges.add(new Diagram.Edge(head, head + 1, false));
      for (int job = 0; job < JOBS; job++) {
        edges.add(new Diagram.Edge(head + 1, head + 2 + job, false));
        edges.add(new Diagram.Edge(head + 2 + job, head + 2 + JOBS, false));
      }
    }
    return new DiagramShape(nodes, edges, List.of());
  }

  /** Waits, for a moment at most, until it has ended. */
  @Override
  public void close() {
    closing.countDown();
    scope.close();
  }
}
