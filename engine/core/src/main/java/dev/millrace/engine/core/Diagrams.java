package dev.millrace.engine.core;

import dev.millrace.engine.core.Diagram.Edge;
import dev.millrace.engine.core.Diagram.Group;
import dev.millrace.engine.core.Diagram.Kind;
import dev.millrace.engine.core.Diagram.Node;
import dev.millrace.engine.core.Picture.Stage;
import dev.millrace.engine.core.Shape.Fold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Draws the pipeline, with groups open or folded as asked. Thread-safe. */
final class Diagrams {
  /** What a folded group is shown as: the most pressing of what is in it. */
  private static final List<StageState> PRESSING =
      List.of(
          StageState.ERROR,
          StageState.FAILED,
          StageState.CANCELLED,
          StageState.APPROVAL,
          StageState.RUNNING,
          StageState.QUEUED,
          StageState.BLOCKED,
          StageState.PASSED,
          StageState.SKIPPED);

  private final LongSupplier round;
  private final Supplier<Picture.Sketch> sketch;
  private final AtomicReference<@Nullable Picture> latest = new AtomicReference<>();

  /** Ids of folded groups: below 0, where stages have none. */
  private final Map<String, Integer> foldedIds = new ConcurrentHashMap<>();

  private final AtomicInteger nextFoldedId = new AtomicInteger(-2);

  /**
   * Draws what {@code sketch} brings, as long as {@code round} is the same only once.
   *
   * @param sketch has the evaluation thread make a sketch
   */
  Diagrams(LongSupplier round, Supplier<Picture.Sketch> sketch) {
    this.round = round;
    this.sketch = sketch;
  }

  Diagram draw(Set<String> unfolded, Set<String> folded) {
    return fold(picture(), unfolded, folded);
  }

  /** With every group open. */
  Diagram drawOpen() {
    Picture picture = picture();
    Set<String> all = new HashSet<>();
    for (Stage stage : picture.stages()) {
      for (Fold fold = stage.fold(); fold != null; fold = fold.parent()) {
        all.add(fold.key());
      }
    }
    return fold(picture, all, Set.of());
  }

  /** The picture of the latest round, drawn once for all who ask. */
  private Picture picture() {
    Picture known = latest.get();
    if (known != null && known.round() == round.getAsLong()) {
      return known;
    }
    Picture fresh = Picture.of(sketch.get());
    latest.set(fresh);
    return fresh;
  }

  private Diagram fold(Picture picture, Set<String> unfolded, Set<String> folded) {
    Map<String, Fold> groups = new LinkedHashMap<>();
    Map<String, Map<StageState, Integer>> counts = new LinkedHashMap<>();
    Map<String, Set<StageState>> counting = new LinkedHashMap<>();
    for (Stage stage : picture.stages()) {
      for (Fold fold = stage.fold(); fold != null; fold = fold.parent()) {
        groups.putIfAbsent(fold.key(), fold);
        counts
            .computeIfAbsent(fold.key(), _ -> new EnumMap<>(StageState.class))
            .merge(stage.node().state(), 1, Integer::sum);
        if (!stage.node().advisory()) {
          counting
              .computeIfAbsent(fold.key(), _ -> EnumSet.noneOf(StageState.class))
              .add(stage.node().state());
        }
      }
    }
    Map<Integer, Integer> standsFor = new LinkedHashMap<>();
    Map<Integer, Node> nodes = new LinkedHashMap<>();
    for (Stage stage : picture.stages()) {
      Node node =
          outermostFolded(stage.fold(), unfolded, folded)
              .map(
                  fold ->
                      foldedNode(
                          fold,
                          counts.getOrDefault(fold.key(), Map.of()),
                          counting.getOrDefault(fold.key(), Set.of())))
              .orElse(stage.node());
      nodes.putIfAbsent(node.id(), node);
      standsFor.put(stage.node().id(), node.id());
    }
    return new Diagram(
        List.copyOf(nodes.values()),
        edges(picture, standsFor),
        groups.values().stream()
            .filter(group -> outermostFolded(group.parent(), unfolded, folded).isEmpty())
            .map(
                group ->
                    new Group(
                        group.key(),
                        group.label(),
                        Optional.ofNullable(group.parent()).map(Fold::key),
                        isFolded(group, unfolded, folded),
                        new StageCounts(counts.getOrDefault(group.key(), Map.of()))))
            .toList());
  }

  private static boolean isFolded(Fold fold, Set<String> unfolded, Set<String> folded) {
    if (folded.contains(fold.key())) {
      return true;
    }
    return !fold.openAtFirst() && !unfolded.contains(fold.key());
  }

  private static Optional<Fold> outermostFolded(
      @Nullable Fold innermost, Set<String> unfolded, Set<String> folded) {
    Optional<Fold> found = Optional.empty();
    for (Fold fold = innermost; fold != null; fold = fold.parent()) {
      if (isFolded(fold, unfolded, folded)) {
        found = Optional.of(fold);
      }
    }
    return found;
  }

  /**
   * @param counting the states of those that count
   */
  private Node foldedNode(Fold fold, Map<StageState, Integer> counts, Set<StageState> counting) {
    StageState state =
        counts.keySet().stream()
            .min(Comparator.comparingInt(PRESSING::indexOf))
            .orElse(StageState.PASSED);
    return new Node(
        foldedIds.computeIfAbsent(fold.key(), _ -> nextFoldedId.getAndDecrement()),
        Kind.FOLDED,
        fold.label(),
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(fold.key()),
        Optional.empty(),
        !counting.contains(state));
  }

  private static List<Edge> edges(Picture picture, Map<Integer, Integer> standsFor) {
    Set<Edge> all = new LinkedHashSet<>();
    for (Edge edge : picture.edges()) {
      int from = standsFor.getOrDefault(edge.from(), edge.from());
      int to = standsFor.getOrDefault(edge.to(), edge.to());
      if (from != to) {
        all.add(new Edge(from, to, edge.control()));
      }
    }
    List<Edge> kept = new ArrayList<>();
    for (Edge edge : all) {
      // A flow of values beside a control between the same nodes says it all.
      if (!edge.control() || !all.contains(new Edge(edge.from(), edge.to(), false))) {
        kept.add(edge);
      }
    }
    return kept;
  }
}
