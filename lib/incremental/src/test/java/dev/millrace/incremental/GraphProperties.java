package dev.millrace.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a graph shows after any changes is what computing everything afresh shows, with no
 * needless work. Method: random expressions, made into a graph and computed naively, compared after
 * each of a series of random changes.
 */
class GraphProperties {
  /** A computation as data. */
  private sealed interface Expression {
    record Read(int input) implements Expression {}

    record Sum(List<Expression> terms) implements Expression {}

    /** Loses information, so that changes stop. */
    record Parity(Expression of) implements Expression {}

    /** A bind: the condition chooses what is made. */
    record Choose(Expression condition, Expression even, Expression odd) implements Expression {}

    /** A part for each number below the count, each of which uses its number. */
    record Each(Expression count, Expression part) implements Expression {}
  }

  private static Expression random(Random random, int inputs, int size) {
    if (size <= 1) {
      return new Expression.Read(random.nextInt(inputs));
    }
    return switch (random.nextInt(6)) {
      case 0, 1 -> {
        int count = 1 + random.nextInt(3);
        List<Expression> terms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          terms.add(random(random, inputs, size / count));
        }
        yield new Expression.Sum(terms);
      }
      case 2 -> new Expression.Parity(random(random, inputs, size - 1));
      case 3, 4 ->
          new Expression.Choose(
              random(random, inputs, size / 3),
              random(random, inputs, size / 3),
              random(random, inputs, size / 3));
      default ->
          new Expression.Each(random(random, inputs, size / 2), random(random, inputs, size / 2));
    };
  }

  private static long naive(Expression expression, List<Long> inputs) {
    return switch (expression) {
      case Expression.Read(int input) -> inputs.get(input);
      case Expression.Sum(List<Expression> terms) ->
          terms.stream().mapToLong(term -> naive(term, inputs)).sum();
      case Expression.Parity(Expression of) -> Math.floorMod(naive(of, inputs), 2L);
      case Expression.Choose(Expression condition, Expression even, Expression odd) ->
          naive(condition, inputs) % 2 == 0 ? naive(even, inputs) : naive(odd, inputs);
      case Expression.Each(Expression count, Expression part) -> {
        long parts = Math.floorMod(naive(count, inputs), 4L);
        yield parts == 0 ? 0 : parts * naive(part, inputs) + parts * (parts - 1) / 2;
      }
    };
  }

  /** A graph made from an expression, which notes what its bodies make and release. */
  private static final class Subject {
    private final Graph graph = new Graph();
    private final List<Input<Long>> inputs = new ArrayList<>();
    private int made;
    private final List<Integer> released = new ArrayList<>();

    Value<Long> make(Expression expression) {
      return switch (expression) {
        case Expression.Read(int input) -> inputs.get(input);
        case Expression.Sum(List<Expression> terms) -> {
          List<Value<Long>> values = terms.stream().map(this::make).toList();
          yield graph.compute(
              values, () -> values.stream().mapToLong(Value::get).sum(), Objects::equals);
        }
        case Expression.Parity(Expression of) ->
            graph.map(make(of), value -> Math.floorMod(value, 2L), Objects::equals);
        case Expression.Choose(Expression condition, Expression even, Expression odd) ->
            graph.bind(
                make(condition),
                value -> {
                  noteRelease();
                  return make(value % 2 == 0 ? even : odd);
                },
                Objects::equals);
        case Expression.Each(Expression count, Expression part) -> {
          Value<Map<Long, Long>> members =
              graph.map(make(count), Subject::members, Objects::equals);
          Value<Map<Long, Value<Long>>> parts =
              graph.forEach(
                  members,
                  (key, member) -> {
                    noteRelease();
                    Value<Long> inner = make(part);
                    return graph.compute(
                        List.of(inner, member), () -> inner.get() + member.get(), Objects::equals);
                  },
                  Objects::equals);
          yield graph.gather(
              graph.map(parts, map -> List.copyOf(map.values()), Graph.identity()),
              () -> parts.get().values().stream().mapToLong(Value::get).sum(),
              Objects::equals);
        }
      };
    }

    private static Map<Long, Long> members(long count) {
      Map<Long, Long> all = new LinkedHashMap<>();
      for (long i = 0; i < Math.floorMod(count, 4L); i++) {
        all.put(i, i);
      }
      return all;
    }

    private void noteRelease() {
      int part = made++;
      graph.onRelease(() -> released.add(part));
    }
  }

  @Test
  void showsWhatComputingAfreshShowsAndReleasesEachPartOnce() {
    RandomTest.check(
        400,
        60,
        (random, size) -> {
          int inputs = 1 + random.nextInt(5);
          Expression expression = random(random, inputs, size);
          Subject subject = new Subject();
          List<Long> values = new ArrayList<>();
          for (int i = 0; i < inputs; i++) {
            values.add((long) random.nextInt(6));
            subject.inputs.add(subject.graph.input(values.get(i)));
          }
          Value<Long> root = subject.make(expression);
          subject.graph.propagate();
          assertThat(root.get()).isEqualTo(naive(expression, values));

          for (int change = 0; change < 15; change++) {
            for (int several = random.nextInt(3); several >= 0; several--) {
              int input = random.nextInt(inputs);
              values.set(input, (long) random.nextInt(6));
              subject.inputs.get(input).set(values.get(input));
            }
            subject.graph.propagate();
            assertThat(root.get()).isEqualTo(naive(expression, values));
          }

          long before = subject.graph.computations();
          subject.graph.propagate();
          assertThat(subject.graph.computations()).isEqualTo(before);
          subject.graph.clear();
          assertThat(subject.released).doesNotHaveDuplicates().hasSize(subject.made);
        });
  }

  @Test
  void recomputesExactlyTheValuesOfWhichAnInputHasChanged() {
    RandomTest.check(
        200,
        80,
        (random, size) -> {
          Graph graph = new Graph();
          List<Value<Integer>> values = new ArrayList<>();
          Map<Value<Integer>, List<Value<Integer>>> reads = new HashMap<>();
          List<Value<Integer>> runs = new ArrayList<>();
          List<Input<Integer>> inputs = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            inputs.add(graph.input(i));
          }
          values.addAll(inputs);
          for (int i = 0; i < size; i++) {
            List<Value<Integer>> sources = new ArrayList<>();
            for (int k = random.nextInt(3); k >= 0; k--) {
              sources.add(values.get(random.nextInt(values.size())));
            }
            List<Value<Integer>> self = new ArrayList<>();
            Value<Integer> made =
                graph.compute(
                    sources,
                    () -> {
                      runs.addAll(self);
                      return sources.stream().mapToInt(Value::get).sum() / 2;
                    },
                    Objects::equals);
            self.add(made);
            reads.put(made, sources);
            values.add(made);
          }
          graph.propagate();

          for (int change = 0; change < 10; change++) {
            Map<Value<Integer>, Integer> before = new HashMap<>();
            values.forEach(value -> before.put(value, value.get()));
            runs.clear();
            inputs.get(random.nextInt(3)).set(random.nextInt(8));
            graph.propagate();

            List<Value<Integer>> due =
                values.stream()
                    .filter(
                        value ->
                            reads.getOrDefault(value, List.of()).stream()
                                .anyMatch(source -> !source.get().equals(before.get(source))))
                    .toList();
            assertThat(runs).containsExactlyElementsOf(due);
          }
        });
  }

  @Test
  void theTimelineKeepsItsOrderUnderAnyInsertionsAndRemovals() {
    RandomTest.check(
        30,
        3000,
        (random, size) -> {
          Timeline timeline = new Timeline();
          List<Computed<?>> order = new ArrayList<>(List.of(timeline.first()));
          // A narrow place makes for many relabellings.
          int narrow = random.nextInt(3);
          for (int i = 0; i < size; i++) {
            int after = narrow == 0 ? 0 : random.nextInt(order.size());
            Computed<?> node = new Computed.Bound();
            timeline.insertAfter(order.get(after), node);
            order.add(after + 1, node);
            if (narrow == 2 && order.size() > 2 && random.nextInt(3) == 0) {
              timeline.remove(order.remove(1 + random.nextInt(order.size() - 1)));
            }
          }

          assertThat(order).extracting(node -> node.tag).isSorted().doesNotHaveDuplicates();
        });
  }
}
