package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.RepositoryDiff.Field;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The small cases in which every rule of the choice shows. */
class SolverTest {
  /** {@code a.2: depends: ["b"]; a.1; b.1: flags: avoid-version}. */
  static Map<Package, String> universe(String text) {
    Map<Package, String> files = new LinkedHashMap<>();
    for (String entry : text.split(";")) {
      String[] parts = entry.strip().split(": ", 2);
      String fields = parts.length == 1 ? "" : parts[1].replace('\'', '"').replace(" , ", "\n");
      files.put(Package.parse(parts[0]), "opam-version: \"2.0\"\n" + fields + "\n");
    }
    return files;
  }

  private static SolveResult solve(
      String universe, String roots, Preference preference, Rules rules, Set<String> tests)
      throws InterruptedException {
    List<PackageName> names = Arrays.stream(roots.split(" ")).map(PackageName::parse).toList();
    SolveRequest request =
        new SolveRequest(
            names,
            Map.of(),
            Map.of("os", "linux"),
            tests.stream().map(PackageName::parse).collect(Collectors.toSet()),
            Map.of(),
            preference,
            rules);
    return Solver.open(OpamRepositories.inMemory(universe(universe))).solve(request);
  }

  private static String render(SolveResult result) {
    return switch (result) {
      case SolveResult.Solution solution ->
          solution.packages().stream().map(Package::toString).collect(Collectors.joining(" "));
      case SolveResult.NoSolution _ -> "none";
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "a.2: depends: ['b' {= '1'}]; a.1; b.2; b.1 # a # a.2 b.1",
        "a.2: depends: ['b' {>= '3'}]; a.1; b.2 # a # a.1",
        "a.1: depends: ['b' 'c']; b.2: depends: ['d' {= '1'}]; b.1; c.2: depends: ['d' {= '2'}]; c.1; d.2; d.1"
            + " # a # a.1 b.2 c.1 d.1",
        "a.1: depends: ['c' 'b']; b.2: depends: ['d' {= '1'}]; b.1; c.2: depends: ['d' {= '2'}]; c.1; d.2; d.1"
            + " # a # a.1 b.1 c.2 d.2",
        "a.1: depends: ['x' | 'y']; x.1; y.9 # a # a.1 x.1",
        "a.1: depends: [('x' | 'y') 'y']; x.1; y.9 # a # a.1 x.1 y.9",
        "a.1: depends: ['x' {with-test} | 'y']; x.1; y.1 # a # a.1 y.1",
        "a.1: depends: ['x' {with-test} | 'y' {with-test}]; x.1; y.1 # a # a.1",
        "a.1: conflicts: ['b' {>= '2'}]; c.1: depends: ['b']; b.2; b.1 # a c # a.1 b.1 c.1",
        "a.1: conflicts: ['b']; b.1 # a # a.1",
        "a.2: available: false; a.1: conflicts: ['a' {< '2'}] # a # none",
        "a.1: depends: ['x' 'y']; x.1: conflict-class: 'k'; y.1: conflict-class: 'k' # a # none",
        "a.1: depends: ['b']; b.2: available: os = 'macos'; b.1: available: os = 'linux' # a # a.1 b.1",
        "a.1: depends: ['b' {undefined-variable}]; b.1 # a # a.1",
        "a.1: depends: ['b' {>= undefined-variable}]; b.1 # a # a.1 b.1",
        "a.2: available: undefined-variable; a.1 # a # a.1",
        "a.2: available: !undefined-variable; a.1 # a # a.1",
        "a.2: available: 'true'; a.1 # a # a.1",
        "a.2: available: os = 'linux' & version = '2'; a.1 # a # a.2",
        "a.1: depends: ['b' {ocaml:native}]; b.1 # a # a.1 b.1",
        "a.2: depends: ['b' {= version}]; b.3; b.2 # a # a.2 b.2",
        "a.2: depends: ['b' {= _:version}]; b.3; b.2 # a # a.2 b.3",
        "a.1: depends: ['b' {= name}]; b.2 # a # a.1 b.2",
        "a.1: depends: ['b' {os-version >= '1'}]; b.1 # a # a.1",
        "a.1: depends: ['b' {post}]; b.1 # a # a.1 b.1",
        "a.1: depends: ['b' {with-doc} 'c' {with-dev-setup} 'd' {dev}]; b.1; c.1; d.1 # a # a.1",
        "a.dev: depends: ['d' {dev}]; d.1 # a # a.dev d.1",
        "a.1: depopts: ['b' {>= '2'}]; b.1 # a # a.1",
        "a.1: depends: ['b']; b.10; b.9; b.1.0 # a # a.1 b.10",
        "a.1: conflicts: ['a' {= '1'}] # a # none",
        "a.1: conflicts: ['a' {= '2'}]; a.0 # a # a.1",
        "a.1: conflict-class: ['k' 'k'] # a # a.1",
        "a.1: depends: ['x' | ('y' & 'z')]; y.1; z.1 # a # a.1 y.1 z.1",
        "a.1: depends: [('x' | 'y') ('y' | 'x')]; x.1; y.1 # a # a.1 x.1 y.1",
        "a.1: depends: ['missing'] # a # none",
        "a.1: depends: ['b' {build}]; b.1: depends: ['a'] # a # a.1 b.1"
      })
  void picksTheLexicographicOptimum(String universe, String roots, String expected)
      throws Exception {
    assertThat(
            render(
                solve(universe.strip(), roots.strip(), Preference.NEWEST, Rules.LIBRARY, Set.of())))
        .isEqualTo(expected.strip());
  }

  /** What needs nothing, a version that is avoided, and both that are. */
  @ParameterizedTest
  @CsvSource({
    "NEWEST, SERVICE, a, a.2",
    "OLDEST, SERVICE, a, a.1",
    "NEWEST, LIBRARY, a, a.3",
    "OLDEST, LIBRARY, a, a.0",
    "NEWEST, SERVICE, new, a.3 new.1",
    "OLDEST, SERVICE, new, a.3 new.1",
    "NEWEST, SERVICE, old, a.0 old.1",
    "OLDEST, SERVICE, old, a.0 old.1",
    "NEWEST, SERVICE, either, a.3 either.1",
    "OLDEST, SERVICE, either, a.0 either.1",
    "NEWEST, SERVICE, deprecated, deprecated.2",
    "OLDEST, SERVICE, deprecated, deprecated.1"
  })
  void avoidedVersionsComeLastByTheServicesRules(
      Preference preference, Rules rules, String root, String expected) throws Exception {
    String universe =
        "a.3: flags: avoid-version; a.2; a.1; a.0: flags: avoid-version;"
            + "new.1: depends: ['a' {>= '3'}]; old.1: depends: ['a' {< '1'}];"
            + "either.1: depends: ['a' {> '2' | < '1'}];"
            + "deprecated.2: flags: deprecated; deprecated.1";

    assertThat(render(solve(universe, root, preference, rules, Set.of()))).isEqualTo(expected);
  }

  /**
   * A pin counts instead of the repository's versions; only the service asks if it is available.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "a # 9 # # LIBRARY # a.9",
        "a # 9 # # SERVICE # a.9",
        "a # 0 # # SERVICE # a.0",
        "a # 9 # available: false # LIBRARY # a.9",
        "a # 9 # available: false # SERVICE # none",
        "a # 9 # available: undefined-variable # SERVICE # none",
        "a # 9 # flags: avoid-version # SERVICE # a.9",
        "a # 9 # depends: ['b' {= '1'}] # SERVICE # a.9 b.1",
        "a # dev # depends: ['b' {dev}] # SERVICE # a.dev b.2",
        "a # 9 # depends: ['b' {dev}] # SERVICE # a.9",
        "c # 9 # # SERVICE # none",
        "c # 2 # # SERVICE # a.2 c.1",
        "b # 9 # # SERVICE # b.2"
      })
  void aPinIsTheOnlyCandidate(
      String root, String version, @Nullable String fields, Rules rules, String expected)
      throws Exception {
    String universe = "a.2; a.1; b.2; b.1; c.1: depends: ['a' {= '2'}]";
    String text = Optional.ofNullable(fields).orElse("").replace('\'', '"');
    SolveRequest.Pin pin =
        new SolveRequest.Pin(
            PackageVersion.parse(version),
            OpamFile.parse("opam-version: \"2.0\"\n" + text, "a.opam"));

    SolveResult result =
        Solver.open(OpamRepositories.inMemory(universe(universe)))
            .solve(
                new SolveRequest(
                    List.of(PackageName.parse(root)),
                    Map.of(),
                    Map.of(),
                    Set.of(),
                    Map.of(PackageName.parse("a"), pin),
                    Preference.NEWEST,
                    rules));

    assertThat(render(result)).isEqualTo(expected);
  }

  /** Repositories from the lowest; each is a universe. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "a.1: depends: ['b'] # b.1 # a.1 b.1",
        "a.1: depends: ['b'] # c.1 # none",
        "a.1: depends: ['b']; b.1 # a.1 # a.1",
        "a.1; b.1 # a.1: depends: ['b'] # a.1 b.1",
        "a.2; a.1 # a.1: depends: ['b'] # a.2",
        "a.1 # a.2 # a.2",
        "a.2 # a.1 # a.2",
        "a.2; a.1 # a.2: available: false # a.1"
      })
  void repositoriesAreUnitedAndTheLastCountsForEachVersion(
      String lower, String upper, String expected) throws Exception {
    OpamRepository both =
        OpamRepositories.overlay(
            List.of(
                OpamRepositories.inMemory(universe(lower)),
                OpamRepositories.inMemory(universe(upper))));

    assertThat(
            render(
                Solver.open(both)
                    .solve(SolveRequest.of(List.of(PackageName.parse("a")), Map.of()))))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "a.2; a.1; a.1~rc # a.1~rc",
        "a.3: depends: ['b']; a.2: depends: ['b']; b.2; b.1 # a.2 b.1",
        "a.2: depends: ['b' {>= '2'}]; b.3; b.2; b.1 # a.2 b.2",
        "a.1: depends: ['b' {>= '9'}]; a.2; b.2 # a.2",
        "a.1: depends: ['y' | 'x']; y.2; y.1; x.1 # a.1 y.1",
        "a.1: available: false; a.2; a.3 # a.2",
        "a.1: depends: ['b']; b.10; b.9 # a.1 b.9"
      })
  void lowerBoundsAreTheOldestVersions(String universe, String expected) throws Exception {
    for (Rules rules : Rules.values()) {
      assertThat(render(solve(universe, "a", Preference.OLDEST, rules, Set.of())))
          .isEqualTo(expected);
    }
  }

  @Test
  void testsCountForTheRequestedPackagesOnly() throws Exception {
    String universe =
        "a.1: depends: ['b' 't' {with-test}]; b.1: depends: ['u' {with-test}]; t.1; u.1";

    assertThat(render(solve(universe, "a", Preference.NEWEST, Rules.LIBRARY, Set.of("a"))))
        .isEqualTo("a.1 b.1 t.1");
  }

  @Test
  void explainsAsTheOriginalDoes() throws Exception {
    String universe = "main.1: depends: ['foo' {>= '2'}]; foo.2: available: false; foo.1";

    SolveResult result = solve(universe, "main", Preference.NEWEST, Rules.LIBRARY, Set.of());

    assertThat(((SolveResult.NoSolution) result).explanation())
        .isEqualTo(
            """
            Can't find all required versions.
            Selected: main.1
            - foo -> (problem)
                main 1 requires >= 2
                Rejected candidates:
                  foo.1: Incompatible with restriction: >= 2
                  foo.2: Availability condition not satisfied""");
  }

  @Test
  void tellsWhatItRead() throws Exception {
    String universe = "a.2: depends: ['b']; a.1; b.1; c.1";

    SolveResult result = solve(universe, "a", Preference.NEWEST, Rules.LIBRARY, Set.of());

    assertThat(result.readSet().names()).extracting(PackageName::toString).containsOnly("a", "b");
    assertThat(result.readSet().asked()).extracting(Package::toString).containsOnly("a.2", "b.1");
    assertThat(result.readSet().wasRead(Package.parse("a.1"), Field.AVAILABLE)).isTrue();
    assertThat(result.readSet().wasRead(Package.parse("a.1"), Field.AVOID_VERSION)).isFalse();
    assertThat(result.readSet().wasRead(Package.parse("a.1"), Field.DEPENDS)).isFalse();
    assertThat(result.readSet().wasRead(Package.parse("c.1"), Field.AVAILABLE)).isFalse();
  }

  @Test
  void aPinnedPackageIsNotReadFromTheRepository() throws Exception {
    Map<Package, String> files = universe("a.2: depends: ['b']; a.1; b.1");
    Map<PackageName, SolveRequest.Pin> pins =
        Map.of(
            PackageName.parse("a"),
            new SolveRequest.Pin(
                PackageVersion.DEV,
                OpamFile.parse("opam-version: \"2.0\"\ndepends: \"b\"\n", "a.opam")));

    SolveResult result =
        Solver.open(OpamRepositories.inMemory(files))
            .solve(
                new SolveRequest(
                    List.of(PackageName.parse("a")),
                    Map.of(),
                    Map.of(),
                    Set.of(),
                    pins,
                    Preference.NEWEST,
                    Rules.SERVICE));

    assertThat(render(result)).isEqualTo("a.dev b.1");
    assertThat(result.readSet().names()).extracting(PackageName::toString).containsOnly("b");
    assertThat(result.readSet().asked()).extracting(Package::toString).containsOnly("b.1");
  }

  @ParameterizedTest
  @EnumSource(Preference.class)
  void versionsThatAreEqualAreCandidatesOfTheirOwn(Preference preference) throws Exception {
    String universe = "a.5+x: depends: ['b' {= '2'}]; a.5+x0; b.";

    assertThat(render(solve(universe + "2", "a", preference, Rules.LIBRARY, Set.of())))
        .isEqualTo("a.5+x b.2");
    assertThat(render(solve(universe + "1", "a", preference, Rules.LIBRARY, Set.of())))
        .isEqualTo("a.5+x0");
  }

  @Test
  void endsWhenItsThreadIsInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> solve("a.1", "a", Preference.NEWEST, Rules.LIBRARY, Set.of()))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void namesThePackageThatCannotBeRead() {
    assertThatThrownBy(
            () -> solve("a.1: depends: [", "a", Preference.NEWEST, Rules.LIBRARY, Set.of()))
        .isInstanceOf(SolverException.class)
        .hasMessageContaining("a.1")
        .hasMessageContaining("packages/a/a.1/opam:");
  }
}
