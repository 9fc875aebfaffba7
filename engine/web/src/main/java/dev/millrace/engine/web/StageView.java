package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.Diagram.Node;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One stage of the pipeline: how it stands, why, and what is before and after it. Immutable.
 *
 * @param group what it is part of, the outermost first; empty if nothing
 * @param waitsFor the stages that keep it from going on, looked for through all that they block
 * @param reads what it takes values from, or is controlled by
 * @param readBy what takes its value, or is controlled by it
 */
record StageView(
    Node node,
    String group,
    Optional<JobView> job,
    Optional<WhyView> why,
    Neighbours waitsFor,
    Neighbours reads,
    Neighbours readBy,
    Instant now) {

  /** Some stages; {@code more} are left out. */
  record Neighbours(List<Link> links, int more) {
    private static final int SHOWN_MAX = 100;

    private static Neighbours of(Collection<Node> nodes) {
      return new Neighbours(
          nodes.stream().limit(SHOWN_MAX).map(Link::new).toList(),
          Math.max(0, nodes.size() - SHOWN_MAX));
    }
  }

  /** Another stage. */
  record Link(Node node) {
    String label() {
      return NodeView.label(node);
    }

    String address() {
      return StageView.address(node.id());
    }

    Reason reason() {
      return Reason.of(node.message().orElse(""));
    }
  }

  static String address(int stage) {
    return "/stage/" + stage;
  }

  /** A stage by its id; empty if the pipeline has none of that id now. */
  static Optional<StageView> find(EngineControl engine, int id, Instant now) {
    Diagram diagram = engine.wholeDiagram();
    Map<Integer, Node> nodes = new LinkedHashMap<>();
    diagram.nodes().forEach(node -> nodes.put(node.id(), node));
    return Optional.ofNullable(nodes.get(id)).map(node -> of(engine, diagram, nodes, node, now));
  }

  private static StageView of(
      EngineControl engine, Diagram diagram, Map<Integer, Node> nodes, Node node, Instant now) {
    Map<Integer, List<Node>> before = new HashMap<>();
    List<Node> after = new ArrayList<>();
    for (Diagram.Edge edge : diagram.edges()) {
      Optional.ofNullable(nodes.get(edge.from()))
          .ifPresent(from -> before.computeIfAbsent(edge.to(), _ -> new ArrayList<>()).add(from));
      if (edge.from() == node.id()) {
        Optional.ofNullable(nodes.get(edge.to())).ifPresent(after::add);
      }
    }
    Optional<JobSummary> job = node.job().flatMap(engine::findJob);
    return new StageView(
        node,
        groups(diagram, node),
        job.map(found -> new JobView(found, false, now)),
        node.job().flatMap(engine::findReason).map(WhyView::of),
        Neighbours.of(blockers(node, before)),
        Neighbours.of(before.getOrDefault(node.id(), List.of())),
        Neighbours.of(after),
        now);
  }

  private static String groups(Diagram diagram, Node node) {
    List<String> labels = new ArrayList<>();
    Optional<String> key = node.group();
    while (key.isPresent()) {
      String wanted = key.get();
      Optional<Diagram.Group> group =
          diagram.groups().stream().filter(each -> each.key().equals(wanted)).findFirst();
      group.ifPresent(each -> labels.addFirst(LabelText.visible(each.label())));
      key = group.flatMap(Diagram.Group::parent);
    }
    return String.join(" / ", labels);
  }

  /** What a blocked stage waits for in the end: not what is blocked itself. */
  private static Set<Node> blockers(Node node, Map<Integer, List<Node>> before) {
    Set<Node> found = new LinkedHashSet<>();
    Set<Node> seen = new LinkedHashSet<>();
    Deque<Node> left = new ArrayDeque<>(List.of(node));
    while (!left.isEmpty()) {
      Node next = left.poll();
      if (!seen.add(next)) {
        continue;
      }
      if (next.state() == StageState.BLOCKED) {
        left.addAll(before.getOrDefault(next.id(), List.of()));
      } else if (next.id() != node.id() && next.state() != StageState.PASSED) {
        found.add(next);
      }
    }
    return found;
  }

  String title() {
    return NodeView.label(node);
  }

  Optional<Reason> reason() {
    return node.message().map(Reason::of);
  }

  Optional<String> duration() {
    return job.flatMap(JobView::duration);
  }
}
