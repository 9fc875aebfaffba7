package dev.millrace.incremental;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final Graph graph = new Graph();
  private final List<String> events = new ArrayList<>();

  @Test
  void anEqualResultStopsTheChange() {
    Input<Integer> input = graph.input(1);
    Value<Boolean> positive = graph.map(input, x -> x > 0, Objects::equals);
    Value<String> text =
        graph.map(
            positive,
            p -> {
              events.add("text");
              return p ? "yes" : "no";
            },
            Objects::equals);
    graph.propagate();

    input.set(2);
    graph.propagate();

    assertThat(text.get()).isEqualTo("yes");
    assertThat(events).containsExactly("text");
  }

  @Test
  void releaseHooksRunAfterTheReplacementExists() {
    Input<Integer> input = graph.input(1);
    graph.bind(
        input,
        x -> {
          events.add("make " + x);
          graph.onRelease(() -> events.add("release " + x));
          return graph.constant(x);
        },
        Objects::equals);
    graph.propagate();

    input.set(2);
    graph.propagate();

    assertThat(events).containsExactly("make 1", "make 2", "release 1");
  }

  @Test
  void aChangeOfOneMemberTouchesOnlyItsPart() {
    Input<Map<String, Integer>> input = graph.input(Map.of());
    Value<Map<String, Value<Integer>>> parts =
        graph.forEach(
            input,
            (key, member) -> {
              events.add("make " + key);
              graph.onRelease(() -> events.add("release " + key));
              return graph.map(
                  member,
                  x -> {
                    events.add(key + " is " + x);
                    return x;
                  },
                  Objects::equals);
            },
            Objects::equals);
    input.set(ordered("a", 1, "b", 2));
    graph.propagate();
    events.clear();

    input.set(ordered("b", 3, "c", 4));
    graph.propagate();

    assertThat(events).containsExactly("make c", "c is 4", "b is 3", "release a");
    assertThat(parts.get().keySet()).containsExactly("b", "c");
  }

  private static Map<String, Integer> ordered(String k1, int v1, String k2, int v2) {
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put(k1, v1);
    map.put(k2, v2);
    return map;
  }

  @Test
  void aDeepChainIsUpdatedWithoutRecursion() {
    Input<Integer> input = graph.input(0);
    Value<Integer> end = input;
    for (int i = 0; i < 100_000; i++) {
      end = graph.map(end, x -> x + 1, Objects::equals);
    }
    graph.propagate();

    input.set(5);
    graph.propagate();

    assertThat(end.get()).isEqualTo(100_005);
  }

  @Test
  void deeplyNestedPartsAreMadeAndReleasedWithoutRecursion() {
    Input<Integer> input = graph.input(0);
    Value<Integer> end = nest(input, 20_000);
    graph.propagate();
    assertThat(end.get()).isEqualTo(20_000);

    input.set(1);
    graph.propagate();

    assertThat(end.get()).isEqualTo(20_001);
  }

  private Value<Integer> nest(Value<Integer> value, int depth) {
    return depth == 0
        ? value
        : graph.bind(value, x -> nest(graph.constant(x + 1), depth - 1), Objects::equals);
  }

  @Test
  void refusesChangesInTheMiddleOfARound() {
    Input<Integer> input = graph.input(0);
    Input<Integer> other = graph.input(0);
    graph.map(
        input,
        x -> {
          other.set(x);
          return x;
        },
        Objects::equals);

    assertThatThrownBy(graph::propagate)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Inputs may not change in the middle of a round");
  }

  @Test
  void aFunctionThatThrowsIsTriedAgainInTheNextRound() {
    Input<Integer> input = graph.input(0);
    Value<Integer> value = graph.map(input, x -> 10 / x, Objects::equals);
    assertThatThrownBy(graph::propagate).isInstanceOf(ArithmeticException.class);

    input.set(5);
    graph.propagate();

    assertThat(value.get()).isEqualTo(2);
  }

  @Test
  void refusesToReadWhatIsMadeLaterOrHasGone() {
    Input<Integer> input = graph.input(0);
    List<Value<Integer>> leaked = new ArrayList<>();
    graph.bind(
        input,
        x -> {
          Value<Integer> inner = graph.map(input, y -> y, Objects::equals);
          leaked.add(inner);
          return inner;
        },
        Objects::equals);
    graph.propagate();
    input.set(1);
    graph.propagate();

    assertThatThrownBy(() -> graph.map(leaked.getFirst(), x -> x, Objects::equals))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has gone with the computation that made it");
  }

  @Test
  void whatABodyMadeBeforeItGaveUpIsDiscarded() {
    Input<Integer> input = graph.input(0);
    graph.bind(
        input,
        x -> {
          graph.onRelease(() -> events.add("released"));
          graph.map(
              input,
              y -> {
                events.add("computed");
                return y;
              },
              Objects::equals);
          graph.discard();
          return graph.constant(x);
        },
        Objects::equals);

    graph.propagate();

    assertThat(events).containsExactly("released");
  }
}
