package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import dev.millrace.opam.OpamCorpus;
import dev.millrace.opam.OpamIndex;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.RepositoryDelta.Base;
import dev.millrace.solver.RepositoryDelta.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a state that is kept is found by the next process, and only if it is the same and whole.
 */
class DeltaBasesTest {
  private static final Map<Package, String> FILES =
      Map.of(
          Package.parse("a.1"), "",
          Package.parse("a.2"), "depends: \"missing\"",
          Package.parse("b.1"), "depends: \"a\"");
  private static final Map<String, String> DEBIAN =
      Map.of("arch", "x86_64", "os", "linux", "os-distribution", "debian", "os-family", "debian");

  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private static OpamRepository repository(Map<Package, String> files) {
    Map<Package, String> whole = new TreeMap<>();
    files.forEach((pkg, text) -> whole.put(pkg, "opam-version: \"2.0\"\n" + text + "\n"));
    return OpamRepositories.inMemory(whole);
  }

  private DeltaBases bases() {
    return DeltaBases.in(directory.resolve("kept"), () -> now);
  }

  private Base make(Solver solver) throws IOException, InterruptedException {
    return bases().make(solver, Map.of(), DEBIAN, 2);
  }

  private Optional<Base> find(Solver solver) {
    return bases().find(solver, Map.of(), DEBIAN);
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("kept"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void aKeptStateHasTheSameAnswers() throws Exception {
    Solver solver = Solver.open(repository(FILES));
    InstallAnswers made = make(solver).answers().orElseThrow();

    InstallAnswers found = find(solver).orElseThrow().answers().orElseThrow();

    assertThat(found.encoded()).containsExactlyInAnyOrderEntriesOf(made.encoded());
    for (Package pkg : FILES.keySet()) {
      assertThat(found.find(pkg)).isEqualTo(made.find(pkg));
    }
    assertThat(found.find(Package.parse("b.1")).packages())
        .contains(List.of(Package.parse("a.1"), Package.parse("b.1")));
    assertThat(found.find(Package.parse("a.2")).packages()).isEmpty();
  }

  @Test
  void anotherStateOrQuestionIsNotFound() throws Exception {
    Solver solver = Solver.open(repository(FILES));
    make(solver);

    assertThat(find(Solver.open(repository(Map.of(Package.parse("a.1"), ""))))).isEmpty();
    assertThat(bases().find(solver, Map.of(), Map.of("os", "macos"))).isEmpty();
    assertThat(
            bases()
                .find(
                    solver,
                    Map.of(
                        PackageName.parse("a"),
                        new VersionConstraint(Relop.EQ, PackageVersion.parse("1"))),
                    DEBIAN))
        .isEmpty();
    assertThat(find(solver)).isPresent();
  }

  @Test
  void whatFollowsIsKeptToo() throws Exception {
    Map<Package, String> later =
        Map.of(
            Package.parse("a.1"), "",
            Package.parse("a.3"), "",
            Package.parse("b.1"), "depends: \"a\"");
    Solver solver = Solver.open(repository(FILES));
    Step step = RepositoryDelta.between(make(solver), repository(later), 1);
    bases().keep(step.next());

    Base found = find(Solver.open(repository(later))).orElseThrow();

    assertThat(RepositoryDelta.between(found, repository(FILES), 1).effects().keySet())
        .containsExactlyElementsOf(step.effects().keySet())
        .containsExactly(Package.parse("a.3"), Package.parse("b.1"));
  }

  @Test
  void aStateWithoutAllAnswersIsNotKept() throws Exception {
    Solver solver = Solver.open(repository(FILES));
    bases().keep(Base.of(solver, Map.of(), DEBIAN));

    assertThat(directory.resolve("kept")).doesNotExist();
  }

  @Test
  void aDamagedFileCountsAsNoneAndIsMadeAnew() throws Exception {
    Solver solver = Solver.open(repository(FILES));
    make(solver);
    Path file = kept().getFirst();
    byte[] whole = Files.readAllBytes(file);

    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 0x41;
      Files.write(file, damaged);
      assertThat(find(solver)).as("byte %d", i).isEmpty();
      Files.write(file, Arrays.copyOf(whole, i));
      assertThat(find(solver)).as("only %d bytes", i).isEmpty();
    }
    make(solver);

    assertThat(find(solver)).isPresent();
    assertThat(kept()).containsExactly(file);
  }

  @Test
  void aFileUnderAnothersNameIsNotFound() throws Exception {
    Solver solver = Solver.open(repository(FILES));
    make(solver);
    Path other = kept().getFirst();
    Solver second = Solver.open(repository(Map.of(Package.parse("a.1"), "")));
    make(second);
    Path mine = kept().stream().filter(file -> !file.equals(other)).findFirst().orElseThrow();
    Files.copy(mine, other, StandardCopyOption.REPLACE_EXISTING);

    assertThat(find(solver)).isEmpty();
  }

  @Test
  void theStatesUsedLastAreKept() throws Exception {
    Solver first = Solver.open(repository(FILES));
    make(first);
    Solver second = Solver.open(repository(Map.of()));
    now = now.plusSeconds(1);
    make(second);
    for (int i = 0; i < 15; i++) {
      now = now.plusSeconds(1);
      assertThat(find(first)).isPresent();
      make(Solver.open(repository(Map.of(Package.parse("n." + i), ""))));
    }

    assertThat(kept()).hasSize(16);
    assertThat(find(first)).isPresent();
    assertThat(find(second)).isEmpty();
  }

  @Test
  void aCommitThatTouchesOneOrdinaryPackageIsComparedInASecond() throws Exception {
    assumeTrue(Experiment.Tier.current() != Experiment.Tier.CHECK, "all answers: at night");
    Experiment experiment = Experiment.begin("opam delta of one package");
    int commits = experiment.count(20, 20, 200);
    Path git = newVersions(commits, experiment.random());
    OpamIndex index = OpamIndex.inMemory();
    List<Duration> times = new ArrayList<>();
    int effects = 0;
    OpamRepository base = index.open(git, "refs/heads/c0");
    make(Solver.open(base));
    for (int i = 1; i <= commits; i++) {
      try (OpamRepository head = index.open(git, "refs/heads/c" + i)) {
        long start = System.nanoTime();
        Step step = RepositoryDelta.between(find(Solver.open(base)).orElseThrow(), head, 2);
        times.add(Duration.ofNanos(System.nanoTime() - start));

        effects += step.effects().size();
        if (i % 5 == 0) {
          Base fresh = Base.of(Solver.open(base), Map.of(), DEBIAN);
          assertThat(step.effects())
              .as("%s, commit %d", experiment, i)
              .isEqualTo(RepositoryDelta.between(fresh, head, 2).effects());
        }
        bases().keep(step.next());
      }
      base.close();
      base = index.open(git, "refs/heads/c" + i);
    }
    base.close();
    times.sort(null);
    experiment.report(
        "%d commits, %d effects, %d ms in the middle, %d ms at most"
            .formatted(
                commits, effects, times.get(commits / 2).toMillis(), times.getLast().toMillis()));
    assertThat(effects).isGreaterThanOrEqualTo(commits / 2);
    assertThat(times.get(commits / 2)).isLessThan(Duration.ofSeconds(1));
  }

  /** Commits that each add a version to some published package. */
  private Path newVersions(int number, Random random) throws Exception {
    Map<String, String> files = PackageCommits.files(OpamCorpus.directory());
    List<String> paths = List.copyOf(files.keySet());
    try (PackageCommits commits = PackageCommits.in(directory)) {
      commits.add(files, List.of());
      for (int i = 0; i < number; i++) {
        String path = paths.get(random.nextInt(paths.size()));
        String later = path.replace("/opam", ".999/opam");
        commits.add(Map.of(later, files.getOrDefault(path, "")), List.of());
      }
      return commits.write();
    }
  }
}
