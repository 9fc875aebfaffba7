package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever a pipeline is made of and however its inputs change, it shows what the same
 * pipeline made afresh would show, by doing no more than needed. Method: random pipelines of all
 * combinators, changed at random; after each round the outcome is compared with a naive evaluation,
 * and outcome, counts and picture with those of a pipeline made from scratch.
 */
class PipelineProperties {
  private static final List<Activity> ACTIVITIES = List.of(Activity.values());

  /** A pipeline as data. The numbers of functions tell them apart in the records of their runs. */
  private sealed interface Plan {
    record Read(int input) implements Plan {}

    record Fixed(Outcome<Integer> outcome, boolean labelled) implements Plan {}

    /** Fails on some values. */
    record Map(int number, Plan of) implements Plan {}

    record Halve(Plan of) implements Plan {}

    record Rewrite(Plan of) implements Plan {}

    record Zip(Plan a, Plan b) implements Plan {}

    record All(List<Plan> members) implements Plan {}

    record Done(List<Plan> members, boolean labelled) implements Plan {}

    record Gate(Plan value, Plan control) implements Plan {}

    record State(Plan of, boolean drawn, boolean catching) implements Plan {}

    record Choose(Plan condition, Plan even, Plan odd, boolean labelled) implements Plan {}

    /** A part for each number below the value; members may come twice. */
    record Each(Plan count, Plan part, boolean group) implements Plan {}

    record Maybe(Plan condition, Plan part) implements Plan {}

    record Inside(Plan context, Plan of) implements Plan {}
  }

  private static final class Generator {
    private final Random random;
    private final int inputs;
    private int functions;

    Generator(Random random, int inputs) {
      this.random = random;
      this.inputs = inputs;
    }

    Plan plan(int size) {
      if (size <= 1) {
        return random.nextInt(5) == 0
            ? new Plan.Fixed(outcome(random), random.nextBoolean())
            : new Plan.Read(random.nextInt(inputs));
      }
      int half = size / 2;
      return switch (random.nextInt(14)) {
        case 0 -> new Plan.Map(functions++, plan(size - 1));
        case 1 -> new Plan.Halve(plan(size - 1));
        case 2 -> new Plan.Rewrite(plan(size - 1));
        case 3 -> new Plan.Zip(plan(half), plan(half));
        case 4 -> new Plan.All(several(size));
        case 5 -> new Plan.Done(several(size), random.nextBoolean());
        case 6 -> new Plan.Gate(plan(half), plan(half));
        case 7 -> new Plan.State(plan(size - 1), random.nextBoolean(), random.nextBoolean());
        case 8, 9 ->
            new Plan.Choose(plan(size / 3), plan(size / 3), plan(size / 3), random.nextBoolean());
        case 10, 11 -> new Plan.Each(plan(half), plan(half), random.nextBoolean());
        case 12 -> new Plan.Maybe(plan(half), plan(half));
        default -> new Plan.Inside(plan(half), plan(half));
      };
    }

    private List<Plan> several(int size) {
      int count = random.nextInt(4);
      return IntStream.range(0, count).mapToObj(_ -> plan(size / Math.max(1, count))).toList();
    }
  }

  private static Outcome<Integer> outcome(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> Outcome.failed("broken " + random.nextInt(2));
      case 1 -> Outcome.active(ACTIVITIES.get(random.nextInt(3)));
      case 2 -> Outcome.skipped("not here");
      default -> Outcome.ok(random.nextInt(8));
    };
  }

  // What it means, written down naively.

  private static Outcome<Integer> naive(Plan plan, List<Outcome<Integer>> inputs) {
    return switch (plan) {
      case Plan.Read(int input) -> inputs.get(input);
      case Plan.Fixed(Outcome<Integer> outcome, boolean _) -> outcome;
      case Plan.Map map ->
          naive(map.of, inputs) instanceof Outcome.Ok<Integer>(Integer value)
              ? mapped(value)
              : naive(map.of, inputs);
      case Plan.Halve halve -> naive(halve.of, inputs).map(value -> value / 2);
      case Plan.Rewrite rewrite ->
          naive(rewrite.of, inputs) instanceof Outcome.Failed<Integer> failed
              ? new Outcome.Failed<>("re " + failed.message(), failed.kind(), Optional.empty())
              : naive(rewrite.of, inputs);
      case Plan.Zip(Plan a, Plan b) -> sum(List.of(naive(a, inputs), naive(b, inputs)));
      case Plan.All all -> sum(all.members.stream().map(of -> naive(of, inputs)).toList());
      case Plan.Done done ->
          finished(done.members.stream().map(of -> naive(of, inputs)).toList(), done.labelled);
      case Plan.Gate(Plan value, Plan control) ->
          naive(control, inputs).isOk() ? naive(value, inputs) : naive(control, inputs);
      case Plan.State state -> {
        Outcome<Integer> of = naive(state.of, inputs);
        yield state.catching && of instanceof Outcome.Active<Integer> ? of : Outcome.ok(code(of));
      }
      case Plan.Choose choose ->
          naive(choose.condition, inputs) instanceof Outcome.Ok<Integer>(Integer value)
              ? naive(value % 2 == 0 ? choose.even : choose.odd, inputs)
              : naive(choose.condition, inputs);
      case Plan.Each each -> {
        if (!(naive(each.count, inputs) instanceof Outcome.Ok<Integer>(Integer count))) {
          yield naive(each.count, inputs);
        }
        yield sum(
            members(count).stream()
                .map(member -> sum(List.of(Outcome.ok(member), naive(each.part, inputs))))
                .toList());
      }
      case Plan.Maybe maybe -> {
        if (!(naive(maybe.condition, inputs) instanceof Outcome.Ok<Integer>(Integer value))) {
          yield naive(maybe.condition, inputs);
        }
        yield value % 2 == 0
            ? sum(List.of(Outcome.ok(value), naive(maybe.part, inputs)))
            : Outcome.ok(-1);
      }
      case Plan.Inside inside -> naive(inside.of, inputs);
    };
  }

  private static Outcome<Integer> mapped(int value) {
    return value % 5 == 3
        ? new Outcome.Failed<>(
            "java.lang.IllegalStateException: no " + value, Outcome.Kind.ERROR, Optional.empty())
        : Outcome.ok(value + 1);
  }

  private static int increment(int value) {
    if (value % 5 == 3) {
      throw new IllegalStateException("no " + value);
    }
    return value + 1;
  }

  private static int code(Outcome<Integer> outcome) {
    return switch (outcome) {
      case Outcome.Ok<Integer>(Integer value) -> value;
      case Outcome.Failed<Integer> failed -> failed.message().length();
      case Outcome.Active<Integer>(Activity activity) -> activity.name().length();
      case Outcome.Skipped<Integer> _ -> 7;
    };
  }

  private static Optional<Outcome<Integer>> worst(List<Outcome<Integer>> members) {
    return members.stream()
        .filter(Outcome.Failed.class::isInstance)
        .findFirst()
        .or(() -> members.stream().filter(Outcome.Active.class::isInstance).findFirst())
        .or(() -> members.stream().filter(Outcome.Skipped.class::isInstance).findFirst());
  }

  private static Outcome<Integer> sum(List<Outcome<Integer>> members) {
    return worst(members)
        .orElseGet(() -> Outcome.ok(members.stream().mapToInt(PipelineProperties::code).sum()));
  }

  private static Outcome<Integer> finished(List<Outcome<Integer>> members, boolean labelled) {
    if (!labelled) {
      return worst(members)
          .filter(outcome -> !(outcome instanceof Outcome.Skipped))
          .orElse(Outcome.ok(1));
    }
    for (Outcome<Integer> member : members) {
      if (member instanceof Outcome.Active) {
        return member;
      }
    }
    Map<String, String> failures = new LinkedHashMap<>();
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i) instanceof Outcome.Failed<Integer> failed) {
        failures.put("m" + i, failed.message());
      }
    }
    if (failures.isEmpty()) {
      return Outcome.ok(1);
    }
    String names = String.join(", ", failures.keySet());
    return failures.values().stream().distinct().count() == 1
        ? Outcome.failed(names + " failed: " + failures.values().iterator().next())
        : Outcome.failed(names + " failed");
  }

  private static List<Integer> members(int count) {
    List<Integer> members =
        new ArrayList<>(IntStream.range(0, Math.floorMod(count, 4)).boxed().toList());
    if (count % 3 == 1) {
      members.add(0);
    }
    return members;
  }

  // The same as a real pipeline.

  private static final class Subject {
    private final Bench bench = new Bench();
    private final List<Current<Integer>> inputs = new ArrayList<>();
    private final Current<Integer> root;

    /** How often each made function has run in this round. */
    private final Map<Object, Integer> runs = new HashMap<>();

    Subject(Plan plan, List<Outcome<Integer>> values) {
      for (int i = 0; i < values.size(); i++) {
        String label = "input " + i;
        Outcome<Integer> value = values.get(i);
        inputs.add(bench.make(() -> bench.input(label, value)));
      }
      root = bench.make(() -> make(plan));
      bench.evaluate();
    }

    private Current<Integer> make(Plan plan) {
      return switch (plan) {
        case Plan.Read(int input) -> inputs.get(input);
        case Plan.Fixed(Outcome<Integer> outcome, boolean labelled) ->
            labelled && outcome instanceof Outcome.Ok<Integer>(Integer value)
                ? Current.of("fixed " + value, value)
                : Current.ofOutcome(outcome);
        case Plan.Map map -> {
          Object run = new Object();
          yield make(map.of)
              .map(
                  value -> {
                    runs.merge(run, 1, Integer::sum);
                    return increment(value);
                  });
        }
        case Plan.Halve halve -> make(halve.of).map(value -> value / 2);
        case Plan.Rewrite rewrite -> make(rewrite.of).mapFailure(message -> "re " + message);
        case Plan.Zip(Plan a, Plan b) -> make(a).zip(make(b), Integer::sum);
        case Plan.All all ->
            Current.all(all.members.stream().map(this::make).toList())
                .map(values -> values.stream().mapToInt(x -> x).sum());
        case Plan.Done done -> {
          LinkedHashMap<String, Current<Integer>> members = new LinkedHashMap<>();
          for (Plan member : done.members) {
            members.put("m" + members.size(), make(member));
          }
          yield (done.labelled
                  ? Current.allLabelled(members)
                  : Current.allDone(List.copyOf(members.values())))
              .map(_ -> 1);
        }
        case Plan.Gate(Plan value, Plan control) -> make(value).gate(make(control));
        case Plan.State state -> {
          Current<Integer> of = make(state.of);
          Current<Outcome<Integer>> read =
              state.catching
                  ? (state.drawn ? of.catching() : of.hiddenCatching())
                  : (state.drawn ? of.state() : of.hiddenState());
          yield read.map(PipelineProperties::code);
        }
        case Plan.Choose choose -> {
          Current<Integer> condition = make(choose.condition);
          yield choose.labelled
              ? condition.flatMap(
                  "choose", value -> make(value % 2 == 0 ? choose.even : choose.odd))
              : condition.flatMap(value -> make(value % 2 == 0 ? choose.even : choose.odd));
        }
        case Plan.Each each -> {
          Current<List<Integer>> list = make(each.count).map(PipelineProperties::members);
          Current<List<Integer>> results =
              each.group
                  ? Current.mapEachGroup(
                      list,
                      x -> x,
                      x -> "item " + x,
                      Current.Opening.OPEN,
                      item -> item.zip(make(each.part), Integer::sum))
                  : Current.mapEach(
                      list,
                      x -> x,
                      x -> "item " + x,
                      item -> item.zip(make(each.part), Integer::sum));
          yield results.map(values -> values.stream().mapToInt(x -> x).sum());
        }
        case Plan.Maybe maybe ->
            Current.optionMap(
                    make(maybe.condition)
                        .map(value -> value % 2 == 0 ? Optional.of(value) : Optional.empty()),
                    "maybe",
                    item -> item.zip(make(maybe.part), Integer::sum))
                .map(value -> value.orElse(-1));
        case Plan.Inside inside -> Current.within(make(inside.context), () -> make(inside.of));
      };
    }

    Outcome<Integer> outcome() {
      return withoutTrace(root.observe().outcome());
    }

    void set(Map<Integer, Outcome<Integer>> changes) {
      runs.clear();
      changes.forEach((input, value) -> bench.change(inputs.get(input), value));
      bench.evaluate();
    }

    /** The drawn stages by what is seen of them, and the flows between them, without their ids. */
    Map<String, Integer> picture() {
      Diagram diagram = bench.diagram(root, Set.of(), Set.of());
      Map<Integer, String> names = new HashMap<>();
      Map<String, Integer> seen = new TreeMap<>();
      for (Diagram.Node node : diagram.nodes()) {
        String name =
            "%s %s %s %s"
                .formatted(
                    node.kind(),
                    node.label(),
                    node.state(),
                    node.message().map(text -> text.lines().findFirst().orElse("")).orElse(""));
        names.put(node.id(), name);
        seen.merge(name, 1, Integer::sum);
      }
      for (Diagram.Edge edge : diagram.edges()) {
        String flow =
            names.get(edge.from()) + (edge.control() ? " ..> " : " --> ") + names.get(edge.to());
        seen.merge(flow, 1, Integer::sum);
      }
      return seen;
    }
  }

  private static Outcome<Integer> withoutTrace(Outcome<Integer> outcome) {
    return outcome instanceof Outcome.Failed<Integer> failed
        ? new Outcome.Failed<>(failed.message(), failed.kind(), Optional.empty())
        : outcome;
  }

  @Test
  void aChangedPipelineShowsWhatOneMadeAfreshShows() {
    RandomTest.check(
        1000,
        40,
        (random, size) -> {
          int count = 1 + random.nextInt(5);
          Plan plan = new Generator(random, count).plan(size);
          List<Outcome<Integer>> values = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            values.add(outcome(random));
          }
          Subject subject = new Subject(plan, values);
          for (int change = 0; change < 10; change++) {
            Map<Integer, Outcome<Integer>> changes = new LinkedHashMap<>();
            for (int several = random.nextInt(3); several >= 0; several--) {
              changes.put(random.nextInt(count), outcome(random));
            }
            changes.forEach(values::set);
            subject.set(changes);

            Subject afresh = new Subject(plan, values);
            assertThat(subject.outcome()).as("%s", plan).isEqualTo(naive(plan, values));
            assertThat(afresh.outcome()).as("%s", plan).isEqualTo(naive(plan, values));
            assertThat(subject.bench.counts()).as("%s", plan).isEqualTo(afresh.bench.counts());
            assertThat(subject.picture()).as("%s", plan).isEqualTo(afresh.picture());
            assertThat(subject.runs.values()).as("%s", plan).allMatch(runs -> runs == 1);
          }
          long before = subject.bench.computations();
          subject.bench.evaluate();
          assertThat(subject.bench.computations()).isEqualTo(before);
        });
  }
}
