package dev.millrace.engine.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A pipeline as it is to be drawn, at one moment: its visible stages, what flows between them, and
 * the groups that fold. Immutable.
 *
 * @param nodes the stages, in a stable order: a stage keeps its id while it lives
 * @param edges what flows where; implied edges are left out
 * @param groups what is drawn as a frame around its members when unfolded, or as one node when
 *     folded
 */
public record Diagram(List<Node> nodes, List<Edge> edges, List<Group> groups) {
  /** Copies. */
  public Diagram {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
    groups = List.copyOf(groups);
  }

  /** How a node is drawn. */
  public enum Kind {
    /** A box. */
    STAGE,
    /** A small diamond: lets a value pass once its controls are good. */
    GATE,
    /** A folded group: stands for everything inside; opens on demand. */
    FOLDED
  }

  /**
   * One visible stage.
   *
   * @param id unique and stable while the stage lives
   * @param label what it is, for people; may be several words, never empty for {@link Kind#STAGE}
   * @param state what it is doing
   * @param rebuilding while an old result is still shown: what the job that replaces it is doing
   * @param job the job behind it, if there is one
   * @param message why it failed, waits or was skipped
   * @param group the innermost group it belongs to, or for {@link Kind#FOLDED} the group it stands
   *     for
   * @param since when it came into its state, where known
   * @param advisory whether a failure of it does not count; for {@link Kind#FOLDED}, whether that
   *     holds of all whose state it shows
   */
  public record Node(
      int id,
      Kind kind,
      String label,
      StageState state,
      Optional<StageState> rebuilding,
      Optional<JobId> job,
      Optional<String> message,
      Optional<String> group,
      Optional<Instant> since,
      boolean advisory) {}

  /**
   * A flow between two nodes.
   *
   * @param control whether it only controls a gate (drawn dashed) instead of carrying a value
   */
  public record Edge(int from, int to, boolean control) {}

  /**
   * A group of stages that folds.
   *
   * @param key its address, unique in the diagram, usable in a URL
   * @param parent the group around it, if any
   * @param folded whether it is drawn as one node
   * @param counts the states of everything inside
   */
  public record Group(
      String key, String label, Optional<String> parent, boolean folded, StageCounts counts) {}
}
