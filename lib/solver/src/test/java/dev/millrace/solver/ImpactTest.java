package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.RepositoryDiff;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: what a change can only have taken solutions from is not asked again, and all else is. */
class ImpactTest {
  private static final Map<String, String> LINUX = Map.of("os", "linux");

  private static OpamRepository repository(String universe) {
    return OpamRepositories.inMemory(SolverTest.universe(universe));
  }

  /** Of a, which needs b: a state, a later state, and whether a.1 must be asked again. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "b.2; b.1 # b.2 # false",
        "b.2; b.1 # b.1 # true",
        "b.1 # b.2; b.1 # true",
        "b.2; b.1 # b.2; b.1: available: false # false",
        "b.2; b.1 # b.2; b.1: available: os = 'linux' # false",
        "b.2; b.1 # b.2: available: false; b.1 # true",
        "b.2: available: false; b.1 # b.2; b.1 # true",
        "b.2: available: false; b.1 # b.2: depends: 'c' , available: false; b.1 # false",
        "b.2: available: false; b.1 # b.1 # false",
        "b.1 # b.2: available: os = 'macos'; b.1 # false",
        "b.2: depends: 'x'; b.1 # b.2: depends: ['x' 'y']; b.1 # false",
        "b.2: depends: 'x'; b.1 # b.2; b.1 # true",
        "b.1: depends: 'c'; c.2; c.1 # b.1: depends: 'c' {>= '2'}; c.2; c.1 # false",
        "b.1: depends: 'c'; c.2; c.1 # b.1: depends: 'c' {< '2'}; c.2; c.1 # true",
        "b.1: depends: 'c' {>= '1'}; c.2; c.1 # b.1: depends: 'c'; c.2; c.1 # false",
        "b.1: depends: 'c' {>= '2'}; c.2; c.1 # b.1: depends: 'c'; c.2; c.1 # true",
        "b.1; c.1 # b.1: depends: 'c'; c.1 # true",
        "b.1; c.1 # b.1: conflicts: 'c'; c.1 # false",
        "b.1: depends: 'c'; c.2; c.1 # b.1: depends: 'c' , conflicts: 'c' {< '2'}; c.2; c.1 # false",
        "b.1: depends: 'c'; c.2; c.1 # b.1: depends: 'c' , conflicts: 'c' {> '1'}; c.2; c.1 # true",
        "b.1: conflicts: 'c' # b.1 # true",
        "b.1: depends: ['c' 'd']; c.1; d.1 # b.1: depends: ['d' 'c']; c.1; d.1 # true",
        "b.1: depends: ['c' | 'd']; c.1; d.1 # b.1: depends: ['c' | 'd'] , conflicts: 'e'; c.1; d.1 # false",
        "b.1: depends: ['c' | 'd']; c.1; d.1 # b.1: depends: ['d' | 'c']; c.1; d.1 # true",
        "b.1: depends: ['c' | 'd']; d.1 # b.1: depends: ['c' | 'd']; c.1; d.1 # true",
        "b.1 # b.1: conflict-class: 'k' # true",
        "b.1; d.1 # b.1; d.1: depends: 'x' # false",
        "b.1 # b.1; a.2: depends: 'b' # false",
        "b.1: depends: 'x' # b.1: depends: ['x' 'y'] # false",
        "b.1: depends: 'x' # b.1: depends: ['x' 'y']; x.1 # true"
      })
  void asksAgainWhereItMust(String before, String after, boolean expected) throws Exception {
    String asked = "a.1: depends: 'b'; ";
    OpamRepository old = repository(asked + before);
    OpamRepository young = repository(asked + after);
    RepositoryDiff diff = RepositoryDiff.between(old, young);
    InstallQuestion question = new InstallQuestion(Map.of(), LINUX);
    Solver first = Solver.open(old);
    Solver second = first.next(young, diff);
    Package a = Package.parse("a.1");

    Impact impact = new Impact(question, first.platform(LINUX), second.platform(LINUX), diff);

    assertThat(impact.mayChange(a, question.ask(a, first))).isEqualTo(expected);
    if (!expected) {
      assertThat(question.ask(a, second).packages()).isEqualTo(question.ask(a, first).packages());
    }
  }
}
