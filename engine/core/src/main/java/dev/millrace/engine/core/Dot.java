package dev.millrace.engine.core;

import dev.millrace.engine.core.Diagram.Edge;
import dev.millrace.engine.core.Diagram.Group;
import dev.millrace.engine.core.Diagram.Kind;
import dev.millrace.engine.core.Diagram.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A diagram as text for Graphviz, with the original's colours, marks and shapes. Groups that are
 * open are clusters; labels are UTF-8.
 */
public final class Dot {
  /** Graphviz refuses texts above 16384 bytes. */
  private static final int TOOLTIP_MAX = 4096;

  private static final String HEAD =
      """
      digraph pipeline {
        graph [fontname="ui-system,sans-serif"]
        node [shape="box",fontname="ui-system,sans-serif"]
        edge [fontname="ui-system,sans-serif"]
        bgcolor="transparent"
        rankdir=LR
      """;

  private final Diagram diagram;
  private final Function<JobId, Optional<String>> jobLink;
  private final Function<String, Optional<String>> groupLink;
  private final StringBuilder text = new StringBuilder(HEAD);
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private final Map<String, List<Node>> members = new HashMap<>();
  private final Map<String, List<Group>> inner = new LinkedHashMap<>();
  private final Map<String, String> parents = new HashMap<>();
  private int clusters;

  private Dot(
      Diagram diagram,
      Function<JobId, Optional<String>> jobLink,
      Function<String, Optional<String>> groupLink) {
    this.diagram = diagram;
    this.jobLink = jobLink;
    this.groupLink = groupLink;
  }

  /**
   * Writes a diagram.
   *
   * @param jobLink where the page of a job is, if it has one
   * @param groupLink where a folded group, given by its key, opens, if it can be
   */
  public static String render(
      Diagram diagram,
      Function<JobId, Optional<String>> jobLink,
      Function<String, Optional<String>> groupLink) {
    return new Dot(diagram, jobLink, groupLink).write();
  }

  private String write() {
    diagram.groups().forEach(group -> parents.put(group.key(), group.parent().orElse("")));
    for (Node node : diagram.nodes()) {
      numbers.put(node.id(), numbers.size());
      members.computeIfAbsent(frameOf(node), _ -> new ArrayList<>()).add(node);
    }
    for (Group group : diagram.groups()) {
      if (!group.folded()) {
        inner.computeIfAbsent(group.parent().orElse(""), _ -> new ArrayList<>()).add(group);
      }
    }
    frame("", 1);
    for (Edge edge : diagram.edges().reversed()) {
      text.append("  n").append(numbers.get(edge.from()));
      text.append(" -> n").append(numbers.get(edge.to()));
      text.append(edge.control() ? " [style=\"dashed\"]\n" : "\n");
    }
    return text.append("}\n").toString();
  }

  /** The open group that a node is drawn in; empty for none. */
  private String frameOf(Node node) {
    if (node.kind() != Kind.FOLDED) {
      return node.group().orElse("");
    }
    // A folded group stands in the group around it.
    return node.group().map(key -> parents.getOrDefault(key, "")).orElse("");
  }

  /** Groups are nested as deep as their labels are, which people write: recursion is safe. */
  private void frame(String key, int depth) {
    String indent = "  ".repeat(depth);
    members.getOrDefault(key, List.of()).forEach(node -> node(node, indent));
    for (Group group : inner.getOrDefault(key, List.of())) {
      text.append(indent).append("subgraph cluster_").append(clusters++).append(" {\n");
      // Always, also where it is empty: a cluster inside would inherit it otherwise.
      text.append(indent).append("  label=").append(quoted(group.label())).append('\n');
      frame(group.key(), depth + 1);
      text.append(indent).append("}\n");
    }
  }

  private void node(Node node, String indent) {
    Optional<String> link =
        node.kind() == Kind.FOLDED ? node.group().flatMap(groupLink) : node.job().flatMap(jobLink);
    String colour = node.rebuilding().map(Dot::colour).map(next -> next + ":").orElse("");
    colour += colour(node.state());
    text.append(indent).append('n').append(numbers.get(node.id())).append(" [label=");
    text.append(quoted(label(node, link.isPresent())));
    attribute("color", colour);
    attribute("fillcolor", colour);
    attribute("style", "filled");
    if (node.kind() == Kind.GATE) {
      attribute("shape", "circle");
    }
    link.ifPresent(
        target -> {
          attribute("URL", target.replace("&", "&amp;"));
          attribute("target", "_top");
        });
    attribute("tooltip", tooltip(node));
    text.append("]\n");
  }

  private void attribute(String name, String value) {
    text.append(',').append(name).append('=').append(quoted(value));
  }

  private static String label(Node node, boolean linked) {
    if (node.kind() == Kind.GATE) {
      return "";
    }
    String name = node.kind() == Kind.FOLDED ? "+ " + node.label() : node.label();
    return linked ? name + mark(node.state()) : name;
  }

  private static String mark(StageState state) {
    return switch (state) {
      case PASSED -> " \u2713";
      case FAILED, ERROR, CANCELLED -> " \u2717";
      case RUNNING, APPROVAL, QUEUED -> " \u2026";
      case BLOCKED, SKIPPED -> "";
    };
  }

  private static String colour(StageState state) {
    return switch (state) {
      case PASSED -> "#90ee90";
      case BLOCKED -> "#d3d3d3";
      case APPROVAL -> "#4975ff";
      case QUEUED -> "#ffff00";
      case RUNNING -> "#ffa500";
      case FAILED, ERROR, CANCELLED -> "#ff4500";
      case SKIPPED -> "#eeeeee";
    };
  }

  /** A single blank keeps Graphviz from showing the label once more. */
  private static String tooltip(Node node) {
    String message = node.message().orElse(" ");
    if (message.length() <= TOOLTIP_MAX) {
      return message;
    }
    int end = Character.isHighSurrogate(message.charAt(TOOLTIP_MAX - 1)) ? 1 : 0;
    return message.substring(0, TOOLTIP_MAX - end) + "\u2026";
  }

  private static String quoted(String value) {
    StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        default -> quoted.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return quoted.append('"').toString();
  }
}
