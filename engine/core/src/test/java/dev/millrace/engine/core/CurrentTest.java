package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurrentTest {
  private final Bench bench = new Bench();

  private static final Outcome<Integer> READY = Outcome.active(Activity.READY);
  private static final Outcome<Integer> RUNNING = Outcome.active(Activity.RUNNING);

  private static Outcome<Integer> outcomeOf(String text) {
    return switch (text) {
      case "ready" -> READY;
      case "running" -> RUNNING;
      case "skipped" -> Outcome.skipped("no tool");
      default -> text.startsWith("!") ? Outcome.failed(text) : Outcome.ok(Integer.parseInt(text));
    };
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, 3",
    "!a, 2, !a",
    "1, !b, !b",
    "!a, !b, !a",
    "ready, !b, !b",
    "ready, running, ready",
    "skipped, ready, ready",
    "skipped, 2, skipped",
    "skipped, !b, !b",
  })
  void aFailureBeatsWhatIsActiveWhichBeatsWhatIsSkipped(String a, String b, String sum) {
    Current<Integer> left = bench.input("a", outcomeOf(a));
    Current<Integer> right = bench.input("b", outcomeOf(b));

    Current<Integer> both = bench.make(() -> left.zip(right, Integer::sum));

    assertThat(bench.outcome(both)).isEqualTo(outcomeOf(sum));
  }

  @Test
  void aBugInAFunctionFailsItsStageOnlyWithItsStackTrace() {
    Current<Integer> input = bench.input("a", Outcome.ok(0));
    Current<Integer> broken = bench.make(() -> input.map(x -> 1 / x));
    Current<Integer> fine = bench.make(() -> input.map(x -> x + 1));

    assertThat(bench.outcome(fine)).isEqualTo(Outcome.ok(1));
    assertThat(bench.outcome(broken))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> {
              assertThat(failed.message()).isEqualTo("java.lang.ArithmeticException: / by zero");
              assertThat(failed.kind()).isEqualTo(Outcome.Kind.ERROR);
              assertThat(failed.trace().toString()).contains("CurrentTest");
            });
    assertThat(bench.counts().of(StageState.ERROR)).isEqualTo(1);

    bench.set(input, Outcome.ok(2));
    assertThat(bench.outcome(broken)).isEqualTo(Outcome.ok(0));
    assertThat(bench.counts().of(StageState.ERROR)).isZero();
  }

  @Test
  void whatReadsAFailedStageIsBlocked() {
    Current<Integer> input = bench.input("a", Outcome.failed("x"));
    Current<Integer> gate = bench.make(() -> Current.of("seven", 7).gate(input));

    assertThat(bench.outcome(gate)).isEqualTo(Outcome.failed("x"));
    assertThat(bench.counts().of(StageState.FAILED)).isEqualTo(1);
    assertThat(bench.counts().of(StageState.BLOCKED)).isEqualTo(1);
    assertThat(bench.counts().of(StageState.PASSED)).isEqualTo(1);
  }

  @Test
  void aRewrittenFailureIsTheStagesOwn() {
    Current<Integer> input = bench.input("a", Outcome.failed("x"));
    Current<Integer> mapped = bench.make(() -> input.mapFailure(m -> "because " + m));

    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.failed("because x"));
    assertThat(bench.counts().of(StageState.FAILED)).isEqualTo(2);
  }

  @Test
  void stateAndCatchingMakeOutcomesValues() {
    Current<Integer> input = bench.input("a", RUNNING);
    Current<Outcome<Integer>> state = bench.make(input::state);
    Current<Outcome<Integer>> caught = bench.make(input::catching);

    assertThat(bench.outcome(state)).isEqualTo(Outcome.ok(RUNNING));
    assertThat(bench.outcome(caught)).isEqualTo(RUNNING);

    bench.set(input, Outcome.failed("x"));
    assertThat(bench.outcome(caught)).isEqualTo(Outcome.ok(Outcome.failed("x")));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, ok",
    "!x, 1, 'a failed: !x'",
    "1, !x, 'b failed: !x'",
    "!x, !y, 'a, b failed'",
    "!x, !x, 'a, b failed: !x'",
    "skipped, 1, ok",
    "skipped, !x, 'b failed: !x'",
  })
  void allLabelledNamesWhatFailed(String a, String b, String message) {
    LinkedHashMap<String, Current<?>> members = new LinkedHashMap<>();
    members.put("a", bench.input("a", outcomeOf(a)));
    members.put("b", bench.input("b", outcomeOf(b)));

    Current<Done> all = bench.make(() -> Current.allLabelled(members));

    assertThat(bench.outcome(all))
        .isEqualTo(message.equals("ok") ? Outcome.ok(Done.DONE) : Outcome.failed(message));
  }

  @Test
  void allLabelledWaitsForAllMembers() {
    LinkedHashMap<String, Current<?>> members = new LinkedHashMap<>();
    members.put("a", bench.input("a", Outcome.failed("x")));
    members.put("b", bench.input("b", RUNNING));

    Current<Done> all = bench.make(() -> Current.allLabelled(members));

    assertThat(bench.outcome(all)).isEqualTo(Outcome.active(Activity.RUNNING));
  }

  @Test
  void allDoneDoesNotMindSkippedMembers() {
    Current<Integer> a = bench.input("a", Outcome.skipped("no tool"));
    Current<Integer> b = bench.input("b", Outcome.ok(1));

    Current<Done> all = bench.make(() -> Current.allDone(List.of(a, b)));

    assertThat(bench.outcome(all)).isEqualTo(Outcome.ok(Done.DONE));
  }

  @Test
  void flatMapIsMadeAnewOnEachChange() {
    Current<Integer> input = bench.input("a", Outcome.ok(1));
    List<Integer> made = new ArrayList<>();
    Current<Integer> chosen =
        bench.make(
            () ->
                input.flatMap(
                    "choose",
                    x -> {
                      made.add(x);
                      return Current.of("made " + x, x * 10);
                    }));

    assertThat(bench.outcome(chosen)).isEqualTo(Outcome.ok(10));
    bench.set(input, Outcome.ok(1));
    bench.set(input, Outcome.ok(2));

    assertThat(bench.outcome(chosen)).isEqualTo(Outcome.ok(20));
    assertThat(made).containsExactly(1, 2);
    assertThat(bench.counts().of(StageState.PASSED)).isEqualTo(3);
  }

  @Test
  void aBodyThatFailsShowsWhereTheDecisionIsMade() {
    Current<Integer> input = bench.input("a", Outcome.ok(1));
    Current<Integer> failed =
        bench.make(() -> input.flatMap("analyse", _ -> Current.failed("no opam files")));
    Current<Integer> broken =
        bench.make(
            () ->
                input.flatMap(
                    "break",
                    _ -> {
                      throw new IllegalStateException("boom");
                    }));

    assertThat(bench.outcome(failed)).isEqualTo(Outcome.failed("no opam files"));
    assertThat(bench.outcome(broken).state()).isEqualTo(StageState.ERROR);
    assertThat(bench.counts().of(StageState.FAILED)).isEqualTo(1);
    assertThat(bench.counts().of(StageState.ERROR)).isEqualTo(1);
    assertThat(bench.picture(failed).stages())
        .extracting(stage -> stage.node().label(), stage -> stage.node().state())
        .containsExactly(tuple("a", StageState.PASSED), tuple("analyse", StageState.FAILED));
  }

  @Test
  void membersKeepTheirPartsWhileTheListChanges() {
    Current<List<String>> input = bench.input("list", Outcome.ok(List.of("a:1", "b:1")));
    List<String> made = new ArrayList<>();
    Current<List<String>> mapped =
        bench.make(
            () ->
                Current.mapEach(
                    input,
                    member -> member.substring(0, 1),
                    member -> "item " + member,
                    item -> {
                      made.add("part");
                      return item.map(member -> member + "!");
                    }));

    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.ok(List.of("a:1!", "b:1!")));
    bench.set(input, Outcome.ok(List.of("c:1", "b:2", "c:1")));

    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.ok(List.of("c:1!", "b:2!", "c:1!")));
    assertThat(made).hasSize(3);
  }

  @Test
  void theShapeOfAPartIsShownBeforeThereAreMembers() {
    Current<List<String>> input = bench.input("list", Outcome.active(Activity.RUNNING));
    Current<List<String>> mapped =
        bench.make(
            () ->
                Current.mapEach(
                    input, member -> member, member -> member, item -> item.gate(item)));

    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.active(Activity.RUNNING));
    assertThat(labels(mapped)).containsExactly("list", "(each item)", "");

    bench.set(input, Outcome.ok(List.of()));
    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.ok(List.of()));
    assertThat(labels(mapped)).containsExactly("list", "(empty list)", "");

    bench.set(input, Outcome.ok(List.of("x")));
    assertThat(labels(mapped)).containsExactly("list", "x", "");
    assertThat(bench.counts().of(StageState.PASSED)).isEqualTo(3);
  }

  private List<String> labels(Current<?> root) {
    return bench.picture(root).stages().stream().map(stage -> stage.node().label()).toList();
  }

  @Test
  void aBrokenPartLeavesTheOthersAlone() {
    Current<List<Integer>> input = bench.input("list", Outcome.ok(List.of(1, 2)));
    Current<List<Outcome<Integer>>> mapped =
        bench.make(
            () ->
                Current.mapEach(
                    input,
                    member -> member,
                    member -> "item " + member,
                    item -> item.map(x -> 10 / (x - 1)).hiddenState()));

    assertThat(bench.outcome(mapped).toOptional().orElseThrow())
        .extracting(Outcome::state)
        .containsExactly(StageState.ERROR, StageState.PASSED);
  }

  @Test
  void anObservationTellsWhatAStageDoesItselfFromWhatItWaitsFor() {
    Current<Integer> first = bench.input("first", Outcome.active(Activity.RUNNING));
    Current<Integer> second = bench.make(() -> first.map(x -> 10 / x));
    Current<Current.Observation<Integer>> own = bench.make(first::observation);
    Current<Current.Observation<Integer>> behind = bench.make(second::observation);

    assertThat(observed(own)).isEqualTo(StageState.RUNNING);
    assertThat(observed(behind)).isEqualTo(StageState.BLOCKED);
    bench.set(first, Outcome.failed("no"));
    assertThat(observed(own)).isEqualTo(StageState.FAILED);
    assertThat(observed(behind)).isEqualTo(StageState.BLOCKED);
    bench.set(first, Outcome.ok(0));
    assertThat(observed(own)).isEqualTo(StageState.PASSED);
    assertThat(observed(behind)).as("its own bug").isEqualTo(StageState.ERROR);
    bench.set(first, Outcome.ok(5));
    assertThat(bench.outcome(behind))
        .isEqualTo(Outcome.ok(new Current.Observation<>(Outcome.ok(2), StageState.PASSED)));
  }

  private StageState observed(Current<Current.Observation<Integer>> stage) {
    return bench.outcome(stage).toOptional().orElseThrow().state();
  }

  @Test
  void optionMapFollowsTheOption() {
    Current<Optional<Integer>> input = bench.input("option", Outcome.ok(Optional.empty()));
    Current<Optional<Integer>> mapped =
        bench.make(() -> Current.optionMap(input, "maybe", x -> x.map(y -> y + 1)));

    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.ok(Optional.empty()));
    bench.set(input, Outcome.ok(Optional.of(4)));
    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.ok(Optional.of(5)));
    bench.set(input, Outcome.failed("x"));
    assertThat(bench.outcome(mapped)).isEqualTo(Outcome.failed("x"));
  }

  @Test
  void aDeepChainIsEvaluatedDrawnAndChangedWithoutRecursion() {
    Current<Integer> input = bench.input("a", Outcome.ok(0));
    Current<Integer> end =
        bench.make(
            () -> {
              Current<Integer> stage = input;
              for (int i = 0; i < 100_000; i++) {
                stage = stage.map(x -> x + 1);
              }
              return stage;
            });
    assertThat(bench.outcome(end)).isEqualTo(Outcome.ok(100_000));

    bench.set(input, Outcome.ok(1));

    assertThat(bench.outcome(end)).isEqualTo(Outcome.ok(100_001));
    assertThat(bench.picture(end).stages()).hasSize(1);
  }

  @Test
  void aLongListIsEvaluatedAndOneMemberAddedWithWorkForThatOneOnly() {
    List<Integer> members = IntStream.range(0, 100_000).boxed().toList();
    Current<List<Integer>> input = bench.input("list", Outcome.ok(members));
    Current<List<Integer>> mapped =
        bench.make(
            () ->
                Current.mapEach(
                    input, x -> x, x -> Integer.toString(x), item -> item.map(x -> x + 1)));
    assertThat(bench.outcome(mapped).toOptional().orElseThrow()).hasSize(100_000).contains(100_000);

    long before = bench.computations();
    bench.set(input, Outcome.ok(IntStream.range(0, 100_001).boxed().toList()));

    assertThat(bench.outcome(mapped).toOptional().orElseThrow()).hasSize(100_001);
    assertThat(bench.computations() - before).isLessThan(30);
    assertThat(bench.picture(mapped).stages()).hasSize(100_002);
  }

  @Test
  void needlessChangesStopAtEqualValues() {
    Current<Integer> input = bench.input("a", Outcome.ok(1));
    int[] runs = new int[1];
    Current<Integer> end =
        bench.make(
            () ->
                input
                    .map(x -> List.of(x > 0))
                    .map(
                        x -> {
                          runs[0]++;
                          return x.size();
                        }));
    assertThat(bench.outcome(end)).isEqualTo(Outcome.ok(1));

    bench.set(input, Outcome.ok(2));

    assertThat(bench.outcome(end)).isEqualTo(Outcome.ok(1));
    assertThat(runs[0]).isEqualTo(1);
  }

  @Test
  void aStageThatMayBeMissingIsAnOptionalValue() {
    Current<Integer> input = bench.input("a", Outcome.failed("no"));
    Current<Optional<Integer>> there = bench.make(() -> Current.option(Optional.of(input)));
    Current<Optional<Integer>> missing = bench.make(() -> Current.option(Optional.empty()));

    assertThat(bench.outcome(there)).isEqualTo(Outcome.failed("no"));
    bench.set(input, Outcome.ok(1));
    assertThat(bench.outcome(there)).isEqualTo(Outcome.ok(Optional.of(1)));
    assertThat(bench.outcome(missing)).isEqualTo(Outcome.ok(Optional.empty()));
  }

  @Test
  void forEachIsDoneOnceAllMembersAre() {
    Current<List<Integer>> list = bench.input("list", Outcome.ok(List.of(1, 2)));
    Current<Integer> other = bench.input("other", Outcome.active(Activity.RUNNING));
    Current<Done> done =
        bench.make(() -> Current.forEach(list, x -> x, x -> "item " + x, item -> item.gate(other)));

    assertThat(bench.outcome(done)).isEqualTo(Outcome.active(Activity.RUNNING));
    bench.set(other, Outcome.ok(1));
    assertThat(bench.outcome(done)).isEqualTo(Outcome.ok(Done.DONE));
  }

  @Test
  void aChoiceIsCountedByWhatItWaitsForAlsoWhereItsPartComesToTheSame() {
    Current<Integer> other = bench.input("other", Outcome.skipped("not here"));
    Current<Integer> which = bench.input("which", Outcome.ok(0));
    bench.make(
        () -> which.flatMap(x -> x == 0 ? other : Current.of(1)).flatMap("choose", _ -> other));
    bench.evaluate();
    assertThat(bench.counts().of(StageState.SKIPPED)).isEqualTo(2);

    bench.set(which, Outcome.ok(1));

    assertThat(bench.counts().of(StageState.SKIPPED)).isEqualTo(1);
    assertThat(bench.counts().of(StageState.PASSED)).isEqualTo(2);
  }
}
