package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.Diagram.Edge;
import dev.millrace.engine.core.Diagram.Group;
import dev.millrace.engine.core.Diagram.Kind;
import dev.millrace.engine.core.Diagram.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Goal: a pipeline can be read as text, by Graphviz and by people. */
class DotTest {
  private static final JobId JOB = new JobId("2026-01-01/120000-build-000001");

  private final Bench bench = new Bench();

  private static Node node(int id, String label, StageState state, String group) {
    return new Node(
        id,
        label.isEmpty() ? Kind.GATE : Kind.STAGE,
        label,
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(group).filter(key -> !key.isEmpty()),
        Optional.empty(),
        false);
  }

  @Test
  void writesWhatGraphvizReads() {
    Node build =
        new Node(
            3,
            Kind.STAGE,
            "build \"é\"\nnow",
            StageState.FAILED,
            Optional.of(StageState.RUNNING),
            Optional.of(JOB),
            Optional.of("it \\ broke"),
            Optional.of("a"),
            Optional.empty(),
            false);
    Node folded =
        new Node(
            -2,
            Kind.FOLDED,
            "tests",
            StageState.PASSED,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("a/b"),
            Optional.empty(),
            false);
    Diagram diagram =
        new Diagram(
            List.of(
                node(1, "head", StageState.PASSED, ""),
                build,
                folded,
                node(7, "", StageState.BLOCKED, "")),
            List.of(new Edge(1, 3, false), new Edge(3, -2, false), new Edge(-2, 7, true)),
            List.of(
                new Group("a", "all of it", Optional.empty(), false, new StageCounts(Map.of())),
                new Group("a/b", "tests", Optional.of("a"), true, new StageCounts(Map.of()))));

    String dot =
        Dot.render(
            diagram, job -> Optional.of("/job/" + job), key -> Optional.of("/?a=1&open=" + key));

    assertThat(dot)
        .isEqualTo(
            """
            digraph pipeline {
              graph [fontname="ui-system,sans-serif"]
              node [shape="box",fontname="ui-system,sans-serif"]
              edge [fontname="ui-system,sans-serif"]
              bgcolor="transparent"
              rankdir=LR
              n0 [label="head",color="#90ee90",fillcolor="#90ee90",style="filled",tooltip=" "]
              n3 [label="",color="#d3d3d3",fillcolor="#d3d3d3",style="filled",shape="circle",tooltip=" "]
              subgraph cluster_0 {
                label="all of it"
                n1 [label="build \\"é\\"\\nnow ✗",color="#ffa500:#ff4500",fillcolor="#ffa500:#ff4500",style="filled",URL="/job/2026-01-01/120000-build-000001",target="_top",tooltip="it \\\\ broke"]
                n2 [label="+ tests ✓",color="#90ee90",fillcolor="#90ee90",style="filled",URL="/?a=1&amp;open=a/b",target="_top",tooltip=" "]
              }
              n2 -> n3 [style="dashed"]
              n1 -> n2
              n0 -> n1
            }
            """);
  }

  @Test
  void longMessagesAreCutWithoutHalvingACharacter() {
    String message = "x".repeat(4095) + "\uD83D\uDE00".repeat(2);
    Diagram diagram =
        new Diagram(
            List.of(
                new Node(
                    1,
                    Kind.STAGE,
                    "a",
                    StageState.FAILED,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(message),
                    Optional.empty(),
                    Optional.empty(),
                    false)),
            List.of(),
            List.of());

    assertThat(Dot.render(diagram, _ -> Optional.empty(), _ -> Optional.empty()))
        .contains("tooltip=\"" + "x".repeat(4095) + "…\"");
  }

  @Test
  void anOutlineReadsFromLeftToRight() {
    Current<Integer> head = bench.input("head", Outcome.ok(2));
    Current<Boolean> ready = bench.input("ready", Outcome.active(Activity.READY));
    Current<?> all =
        bench.make(
            () -> {
              Current<Integer> built = head.flatMap("build", x -> Current.of("image", x));
              Current<List<Integer>> tests =
                  Current.mapEach(
                      built.map(x -> List.of(x, x + 1)), x -> x, x -> "test " + x, item -> item);
              Current<Integer> late = ready.flatMap("late", _ -> Current.of(1));
              return Current.allDone(
                  List.of(
                      built.gate(ready),
                      tests,
                      late.catching(),
                      built.state(),
                      built.hiddenState(),
                      Current.failed("no")));
            });

    assertThat(bench.outline(all))
        .isEqualTo(
            "(head >>= build >> [image] >> gate (ready) || ... >> each (test 2, test 3)"
                + " || catch(... >>= late >> (blocked)) || state(...) || ... || (const))");
  }

  @Test
  void anOutlineOfAPipelineDeeperThanAnyStack() {
    Current<Integer> input = bench.input("a", Outcome.ok(0));
    Current<Integer> end =
        bench.make(
            () -> {
              Current<Integer> stage = input;
              for (int i = 0; i < 100_000; i++) {
                stage = stage.gate(input);
              }
              return stage;
            });

    assertThat(bench.outline(end)).startsWith("a >> gate (...) >> gate (...)").hasSize(1_400_001);
  }
}
