package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.Diagram.Group;
import dev.millrace.engine.core.Diagram.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which stages of a pipeline are looked for. Immutable.
 *
 * @param text what their names or reasons must contain, in any case
 * @param failing whether only those that failed count
 */
record PipelineFilter(String text, boolean failing) {
  static final String FAILING = "failing";
  static final int TEXT_MAX = 200;

  static PipelineFilter of(Parameters query) {
    String text = LabelText.visible(query.first("q").orElse("")).strip();
    return new PipelineFilter(
        text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) : text,
        query.first("only").filter(FAILING::equals).isPresent());
  }

  boolean isActive() {
    return failing || !text.isEmpty();
  }

  private boolean matches(Node node) {
    if (failing && !StateLook.isBad(node.state())) {
      return false;
    }
    String wanted = text.toLowerCase(Locale.ROOT);
    return contains(node.label(), wanted) || contains(node.message().orElse(""), wanted);
  }

  private static boolean contains(String text, String wanted) {
    return text.toLowerCase(Locale.ROOT).contains(wanted);
  }

  /** What matches, in the groups that it is in, with the flows between. */
  Diagram apply(Diagram whole) {
    List<Node> nodes = whole.nodes().stream().filter(this::matches).toList();
    Set<Integer> kept = nodes.stream().map(Node::id).collect(Collectors.toSet());
    Map<String, Group> byKey = new HashMap<>();
    whole.groups().forEach(group -> byKey.put(group.key(), group));
    Set<String> around = new HashSet<>();
    for (Node node : nodes) {
      Optional<String> key = node.group();
      while (key.isPresent() && around.add(key.get())) {
        key = Optional.ofNullable(byKey.get(key.get())).flatMap(Group::parent);
      }
    }
    return new Diagram(
        nodes,
        whole.edges().stream()
            .filter(edge -> kept.contains(edge.from()) && kept.contains(edge.to()))
            .toList(),
        whole.groups().stream().filter(group -> around.contains(group.key())).toList());
  }
}
