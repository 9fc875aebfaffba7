package dev.millrace.engine.core;

import dev.millrace.engine.core.Diagram.Edge;
import dev.millrace.engine.core.Diagram.Kind;
import dev.millrace.engine.core.Diagram.Node;
import dev.millrace.engine.core.Shape.Fold;
import dev.millrace.engine.core.Shape.RunView;
import dev.millrace.engine.core.Shape.SourceView;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a pipeline that are drawn, and the flows between them, with every group open:
 * {@link #sketch} is quick and made by the evaluation thread, {@link #of} does the rest anywhere.
 * Immutable.
 *
 * <p>Stages that are not drawn are replaced by what they read. A flow that is implied by others is
 * left out: an edge to a node is not drawn if it also leads there through another of its inputs.
 */
record Picture(long round, List<Stage> stages, List<Edge> edges) {

  /**
   * A stage that is drawn.
   *
   * @param fold the innermost group that it is in
   */
  record Stage(Node node, @Nullable Fold fold) {}

  /**
   * What the evaluation thread copies: every stage that the whole depends on, each after those that
   * it reads.
   */
  record Sketch(long round, List<Line> lines) {}

  /**
   * One stage of a sketch; numbers are places in the sketch.
   *
   * @param drawn the node, if it is drawn
   * @param reads what it takes values from
   * @param controls what only controls it
   * @param opaque whether flows past it are drawn although they also lead through it
   */
  record Line(
      Optional<Node> drawn,
      List<Integer> reads,
      List<Integer> controls,
      boolean opaque,
      @Nullable Fold fold) {}

  // On the evaluation thread.

  /**
   * The labels of what cannot be said yet: operations without inputs, and stages that will choose a
   * part of the pipeline.
   */
  static List<String> unknown(Current<?> root) {
    List<String> found = new ArrayList<>();
    Walk walk = new Walk();
    walk.from(root);
    walk.places.keySet().stream()
        .sorted(Comparator.comparingInt(Current::id))
        .forEach(
            stage -> {
              boolean waits = isActive(stage) && stage.observe().origin() != stage.id();
              switch (stage.shape()) {
                case Shape.Run run when waits -> found.add(run.label().get());
                case Shape.Gateway gateway when isActive(stage) ->
                    found.add(gateway.label().orElse("(a part that is not known)"));
                case Shape.Run _,
                    Shape.Gateway _,
                    Shape.Constant _,
                    Shape.Source _,
                    Shape.Function _,
                    Shape.Gate _,
                    Shape.Reading _,
                    Shape.Bind _,
                    Shape.Item _,
                    Shape.Each _ -> {}
              }
            });
    return found;
  }

  private static boolean isActive(Current<?> stage) {
    return stage.observe().outcome() instanceof Outcome.Active<?>;
  }

  /** Everything that a stage depends on directly: its context, what it reads, what controls it. */
  static List<Current<?>> neighbours(Current<?> stage) {
    List<Current<?>> all = new ArrayList<>();
    Current<?> context = stage.surroundings().context();
    if (context != null) {
      all.add(context);
    }
    all.addAll(Walk.reads(stage));
    all.addAll(Walk.controls(stage));
    return all;
  }

  static Sketch sketch(long round, Current<?> root) {
    return new Sketch(round, new Walk().from(root));
  }

  /** A depth-first walk without recursion: pipelines are deeper than stacks. */
  private static final class Walk {
    private final List<Line> lines = new ArrayList<>();
    private final IdentityHashMap<Current<?>, Integer> places = new IdentityHashMap<>();
    private final Map<Integer, Current<?>> byId = new HashMap<>();
    private final IdentityHashMap<Current<?>, Boolean> entered = new IdentityHashMap<>();
    private final Deque<Current<?>> stack = new ArrayDeque<>();

    List<Line> from(Current<?> root) {
      stack.push(root);
      while (!stack.isEmpty()) {
        Current<?> stage = stack.peek();
        if (places.containsKey(stage)) {
          stack.pop();
        } else if (entered.put(stage, true) == null) {
          neighbours(stage).reversed().forEach(this::enter);
        } else {
          stack.pop();
          places.put(stage, lines.size());
          byId.put(stage.id(), stage);
          lines.add(line(stage));
        }
      }
      return lines;
    }

    private void enter(Current<?> stage) {
      if (!places.containsKey(stage)) {
        stack.push(stage);
      }
    }

    private static List<? extends Current<?>> reads(Current<?> stage) {
      return switch (stage.shape()) {
        case Shape.Constant _, Shape.Source _ -> List.of();
        case Shape.Function(List<Current<?>> sources) -> sources;
        case Shape.Gate gate -> List.of(gate.value());
        case Shape.Reading reading -> List.of(reading.source());
        case Shape.Gateway gateway -> List.of(gateway.source());
        case Shape.Bind bind -> List.of(bind.chosen().get().orElse(bind.gateway()));
        case Shape.Run run -> run.sources();
        case Shape.Item item -> List.of(item.source());
        case Shape.Each each -> each.parts().get();
      };
    }

    private static List<Current<?>> controls(Current<?> stage) {
      return stage.shape() instanceof Shape.Gate gate ? List.of(gate.control()) : List.of();
    }

    private Line line(Current<?> stage) {
      List<Current<?>> read = new ArrayList<>();
      Current<?> context = stage.surroundings().context();
      if (context != null) {
        read.add(context);
      }
      read.addAll(reads(stage));
      return new Line(
          node(stage),
          placesOf(read),
          placesOf(controls(stage)),
          stage.shape() instanceof Shape.Reading,
          stage.surroundings().fold());
    }

    private List<Integer> placesOf(List<Current<?>> stages) {
      return stages.stream().map(places::get).filter(Objects::nonNull).toList();
    }

    private Optional<Node> node(Current<?> stage) {
      Tally.Slot slot = stage.slot();
      StageState state = slot == null ? null : slot.state();
      if (slot == null || state == null) {
        return Optional.empty();
      }
      Signal<?> signal = stage.observe();
      RunView run = stage.shape() instanceof Shape.Run shape ? shape.view().get() : RunView.NONE;
      SourceView source =
          stage.shape() instanceof Shape.Source shape ? shape.view().get() : SourceView.PLAIN;
      return Optional.of(
          new Node(
              stage.id(),
              stage.shape() instanceof Shape.Gate ? Kind.GATE : Kind.STAGE,
              label(stage),
              state,
              run.update().or(source::refreshing),
              run.job(),
              source.stale().or(run::waits).or(() -> message(state, signal)),
              Optional.ofNullable(stage.surroundings().fold()).map(Fold::key),
              Optional.of(slot.since()).filter(since -> since.isAfter(Instant.EPOCH)),
              run.advisory()));
    }

    private Optional<String> message(StageState state, Signal<?> signal) {
      return switch (state) {
        case FAILED, ERROR, CANCELLED, SKIPPED ->
            signal
                .outcome()
                .explanation()
                .map(
                    message ->
                        signal.outcome() instanceof Outcome.Failed<?> failed
                            ? message + failed.trace().map(trace -> "\n" + trace).orElse("")
                            : message);
        case BLOCKED -> Optional.ofNullable(byId.get(signal.origin())).flatMap(this::blocker);
        case PASSED, RUNNING, APPROVAL, QUEUED -> Optional.empty();
      };
    }

    /** What people know a stage by that others wait for. */
    private Optional<String> blocker(Current<?> stage) {
      return Optional.of(label(stage))
          .filter(label -> !label.isBlank())
          .map("Blocked by \"%s\""::formatted);
    }

    private static String label(Current<?> stage) {
      return switch (stage.shape()) {
        case Shape.Constant(Optional<String> label) -> label.orElse("constant");
        case Shape.Source source -> source.label();
        case Shape.Function _, Shape.Each _ -> "map";
        case Shape.Gate _ -> "";
        case Shape.Reading reading -> reading.label().orElse("state");
        case Shape.Gateway gateway -> gateway.label().orElse("flatMap");
        case Shape.Bind _ -> "bind";
        case Shape.Run run -> run.label().get();
        case Shape.Item item -> item.label().get();
      };
    }
  }

  // Anywhere.

  static Picture of(Sketch sketch) {
    return new Tracing(sketch).trace();
  }

  private static final class Tracing {
    private final Sketch sketch;

    /** For each line, the drawn stages that stand for it. */
    private final List<SequencedSet<Integer>> outputs = new ArrayList<>();

    /** For each drawn stage, by its place, the drawn stages that it depends on. */
    private final Map<Integer, BitSet> above = new HashMap<>();

    private final List<Stage> stages = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();

    Tracing(Sketch sketch) {
      this.sketch = sketch;
    }

    Picture trace() {
      for (int place = 0; place < sketch.lines.size(); place++) {
        Line line = sketch.lines.get(place);
        SequencedSet<Integer> read = union(line.reads);
        if (line.drawn.isEmpty()) {
          outputs.add(minimal(read));
        } else {
          draw(place, line, line.drawn.get(), minimal(read), minimal(union(line.controls)));
        }
      }
      return new Picture(sketch.round, List.copyOf(stages), List.copyOf(edges));
    }

    private void draw(
        int place,
        Line line,
        Node node,
        SequencedSet<Integer> reads,
        SequencedSet<Integer> controls) {
      stages.add(new Stage(node, line.fold));
      SequencedSet<Integer> self = new LinkedHashSet<>();
      self.add(place);
      outputs.add(self);
      reads.forEach(from -> edges.add(new Edge(idAt(from), node.id(), false)));
      controls.stream()
          .filter(from -> !reads.contains(from))
          .forEach(from -> edges.add(new Edge(idAt(from), node.id(), true)));
      BitSet mine = new BitSet();
      if (!line.opaque) {
        reads.forEach(from -> include(mine, from));
        controls.forEach(from -> include(mine, from));
      }
      above.put(place, mine);
    }

    private void include(BitSet set, int from) {
      set.set(from);
      set.or(above.getOrDefault(from, new BitSet()));
    }

    private int idAt(int place) {
      return sketch.lines.get(place).drawn.orElseThrow().id();
    }

    private SequencedSet<Integer> union(List<Integer> places) {
      if (places.size() == 1) {
        return outputs.get(places.getFirst());
      }
      SequencedSet<Integer> all = new LinkedHashSet<>();
      for (int place : places) {
        all.addAll(outputs.get(place));
      }
      return all;
    }

    private SequencedSet<Integer> minimal(SequencedSet<Integer> candidates) {
      if (candidates.size() < 2) {
        return candidates;
      }
      BitSet implied = new BitSet();
      candidates.forEach(place -> implied.or(above.getOrDefault(place, new BitSet())));
      SequencedSet<Integer> kept = new LinkedHashSet<>();
      candidates.stream().filter(place -> !implied.get(place)).forEach(kept::add);
      return kept;
    }
  }
}
