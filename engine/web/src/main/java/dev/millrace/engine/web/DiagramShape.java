package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import java.util.List;
import java.util.Optional;

/**
 * What of a diagram decides where its parts are: everything but states and times. Two diagrams of
 * equal shape have the same layout.
 *
 * @param open the unfolded groups
 */
record DiagramShape(List<Node> nodes, List<Diagram.Edge> edges, List<Group> open) {
  /** A node, with the unfolded group that it is drawn in. */
  record Node(int id, Diagram.Kind kind, String label, Optional<String> group) {}

  /** An unfolded group, with the one around it. */
  record Group(String key, String label, Optional<String> parent) {}

  static DiagramShape of(Diagram diagram) {
    List<Group> open =
        diagram.groups().stream()
            .filter(group -> !group.folded())
            .map(group -> new Group(group.key(), group.label(), group.parent()))
            .toList();
    List<Node> nodes =
        diagram.nodes().stream()
            .map(node -> new Node(node.id(), node.kind(), node.label(), frame(diagram, node)))
            .toList();
    return new DiagramShape(nodes, diagram.edges(), open);
  }

  /** A folded group's node is drawn in the group around it. */
  private static Optional<String> frame(Diagram diagram, Diagram.Node node) {
    if (node.kind() != Diagram.Kind.FOLDED) {
      return node.group();
    }
    return diagram.groups().stream()
        .filter(group -> node.group().equals(Optional.of(group.key())))
        .findFirst()
        .flatMap(Diagram.Group::parent);
  }
}
