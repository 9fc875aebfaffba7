package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Goal: the reasons are those that matter, and what is said to help does. */
class ConflictTest {
  private static Solver solver(String universe) {
    return Solver.open(OpamRepositories.inMemory(SolverTest.universe(universe)));
  }

  private static SolveRequest request(
      Map<PackageName, VersionConstraint> constraints, String... roots) {
    return new SolveRequest(
        List.of(roots).stream().map(PackageName::parse).toList(),
        constraints,
        Map.of("os", "linux"),
        Set.of(),
        Map.of(),
        Preference.NEWEST,
        Rules.LIBRARY);
  }

  private static Map<PackageName, VersionConstraint> exactly(String pkg) {
    Package parsed = Package.parse(pkg);
    return Map.of(parsed.name(), new VersionConstraint(Relop.EQ, parsed.version()));
  }

  @Test
  void namesTheChainAndTheWaysOutOfIt() throws Exception {
    Solver solver =
        solver(
            "a.2: depends: ['b' 'x']; a.1: depends: ['b' {>= '1'}]; b.1: depends: ['ocaml' {< '5'}]; ocaml.5; ocaml.4; x.1");

    Conflict conflict = solver.findConflict(request(exactly("ocaml.5"), "a"));

    assertThat(conflict.render())
        .isEqualTo(
            """
            These do not go together:
              - a is wanted (the request)
              - a.2 needs b, a.1 b >= 1 (depends of packages/a/a.2/opam)
              - b.1 needs ocaml < 5 (depends of packages/b/b.1/opam)
              - ocaml must be = 5 (the request)
            Any of these would help:
              - take ocaml.4 instead of ocaml = 5
              - free a.2 of b
              - let b.1 accept ocaml.5""");
  }

  @Test
  void namesWhatNoRepositoryHas() throws Exception {
    Conflict conflict = solver("a.1: depends: ['b']").findConflict(request(Map.of(), "a"));

    assertThat(conflict.reasons())
        .last()
        .asString()
        .contains("a.1 needs b, which no repository has");
    assertThat(conflict.remedies()).singleElement().asString().isEqualTo("free a.1 of b");
  }

  @Test
  void saysWhatOfSeveralRootsToDoWithout() throws Exception {
    Conflict conflict =
        solver("a.1: conflicts: 'b'; b.1; c.1").findConflict(request(Map.of(), "a", "b", "c"));

    assertThat(conflict.reasons())
        .extracting(Conflict.Reason::subject)
        .containsExactly("a", "b", "a.1");
    assertThat(conflict.remedies())
        .extracting(Conflict.Remedy::toString)
        .containsExactly("do without a", "do without b", "let a.1 go with b.1");
    assertThat(conflict.remedies().getFirst().packages()).containsExactly("b.1", "c.1");
  }

  @Test
  void findsTwoChangesWhereOneIsNotEnough() throws Exception {
    Conflict conflict =
        solver("a.1: depends: ['b' {>= '2'} 'c' {>= '2'}]; b.1; c.1")
            .findConflict(request(Map.of(), "a"));

    assertThat(conflict.reasons()).hasSize(2);
    assertThat(conflict.remedies())
        .extracting(Conflict.Remedy::toString)
        .contains("let a.1 accept c.1; and let a.1 accept b.1");
  }

  @Test
  void namesConflictClassesAndPlatforms() throws Exception {
    Conflict classes =
        solver("a.1: conflict-class: 'k'; b.1: conflict-class: 'k'")
            .findConflict(request(Map.of(), "a", "b"));
    Conflict platform = solver("a.1: available: os = 'macos'").findConflict(request(Map.of(), "a"));

    assertThat(classes.render()).contains("the conflict class k allows one package only");
    assertThat(platform.render())
        .contains("a.1 not available on this platform")
        .contains("make a.1 available on this platform");
  }

  @Test
  void refusesWhatHasASolution() {
    assertThatThrownBy(() -> solver("a.1").findConflict(request(Map.of(), "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has a solution");
  }

  @Test
  void aSearchEndsWhenItsTimeIsUp() throws Exception {
    long[] now = new long[1];
    Solver solver =
        Solver.open(
            OpamRepositories.inMemory(SolverTest.universe("a.1: depends: 'b'; b.1")),
            () -> now[0]++);
    SolveRequest request = request(Map.of(), "a");

    assertThat(solver.solve(request, Duration.ofNanos(2))).isEmpty();
    assertThat(solver.solve(request, Duration.ofSeconds(1))).isPresent();
  }
}
