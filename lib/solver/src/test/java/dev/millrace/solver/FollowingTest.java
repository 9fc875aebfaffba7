package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.opam.OpamCorpus;
import dev.millrace.opam.OpamIndex;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: following a repository, every answer is at every commit the one that a solver gives that
 * knows nothing of earlier commits.
 *
 * <p>Method: a thousand commits as they are made to the published packages (new versions, narrower
 * bounds, removals, platforms), written with git on top of all of them. After each, every request
 * is solved anew, by a solver that ignores read sets; at some, by one that has read nothing before.
 */
class FollowingTest {
  private static final int COMMITS = 1000;
  private static final int FRESH_EVERY = 200;
  private static final List<String> ROOTS =
      List.of("lwt", "yojson", "ppx_deriving", "cohttp-lwt-unix", "ocamlformat", "zarith", "bap");
  private static final Map<String, String> DEBIAN =
      Map.of(
          "arch", "x86_64",
          "os", "linux",
          "os-distribution", "debian",
          "os-family", "debian",
          "os-version", "13",
          "opam-version", "2.3");

  private final LongAdder solvedAgain = new LongAdder();
  private final LongAdder changed = new LongAdder();

  @TempDir private Path directory;

  private static SolveRequest request(String root) {
    return new SolveRequest(
        List.of(PackageName.parse(root)),
        Map.of(
            PackageName.parse("ocaml"),
            new VersionConstraint(Relop.EQ, PackageVersion.parse("5.3.0"))),
        DEBIAN,
        Set.of(),
        Map.of(),
        Preference.NEWEST,
        Rules.LIBRARY);
  }

  @Test
  @Timeout(600)
  void everyAnswerEqualsAFreshOneOverAThousandCommits() throws Exception {
    Path repository = commits(OpamCorpus.directory());
    // Two stretches at once. The second begins with fresh answers, and so does what goes on from
    // the end of the first: there they were compared, read sets and all.
    Parallel.each(List.of(0, COMMITS / 2), 2, from -> follow(repository, from, from + COMMITS / 2));

    System.out.printf(
        "following: %d of %d answers were solved again, %d changed%n",
        solvedAgain.sum(), COMMITS * ROOTS.size(), changed.sum());
    assertThat(changed.sum()).isPositive();
    assertThat(solvedAgain.sum()).isLessThan(COMMITS * ROOTS.size() / 2);
  }

  private void follow(Path repository, int from, int to) throws InterruptedException {
    OpamIndex index = OpamIndex.inMemory();
    List<SolveRequest> requests = ROOTS.stream().map(FollowingTest::request).toList();
    OpamRepository current = index.open(repository, "refs/heads/c" + from);
    Following following = Following.start(Solver.open(current), requests);
    Solver fresh = Solver.open(current);
    for (int i = from + 1; i <= to; i++) {
      OpamRepository next = index.open(repository, "refs/heads/c" + i);
      Following.Step step = following.advance(next);
      fresh =
          i % FRESH_EVERY == 0
              ? Solver.open(next)
              : fresh.next(next, RepositoryDiff.between(current, next));
      for (int r = 0; r < requests.size(); r++) {
        assertThat(step.following().results().get(r))
            .as("%s at commit %d", ROOTS.get(r), i)
            .isEqualTo(fresh.solve(requests.get(r)));
      }
      solvedAgain.add(step.solvedAgain().size());
      changed.add(step.changed().size());
      current.close();
      current = next;
      following = step.following();
    }
    current.close();
  }

  /** A repository with branches c0 to c1000, each a commit further than the one before. */
  private Path commits(Path corpus) throws IOException, InterruptedException {
    Map<String, String> files = PackageCommits.files(corpus);
    try (PackageCommits commits = PackageCommits.in(directory)) {
      commits.add(files, List.of());
      Edits edits = new Edits(files, new Random(7));
      for (int i = 1; i <= COMMITS; i++) {
        Map<String, String> changed = new HashMap<>();
        List<String> removed = new ArrayList<>();
        edits.next(changed, removed);
        commits.add(changed, removed);
      }
      return commits.write();
    }
  }

  /** Edits as maintainers make them. */
  private static final class Edits {
    private final Map<String, String> files;
    private final List<String> paths;
    private final Random random;

    Edits(Map<String, String> files, Random random) {
      this.files = files;
      this.paths = new ArrayList<>(files.keySet());
      this.random = random;
    }

    void next(Map<String, String> changed, List<String> removed) {
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        String path = paths.get(random.nextInt(paths.size()));
        String text = files.get(path);
        if (text == null) {
          continue;
        }
        switch (random.nextInt(8)) {
          case 0 -> {
            files.remove(path);
            changed.remove(path);
            removed.add(path);
          }
          case 1 -> put(path, text + "\navailable: os = \"linux\"\n", changed);
          case 2, 3 -> put(path, text.replaceFirst("\\{>= \"", "{!= \"0\" & >= \""), changed);
          case 4 -> put(path, text.replaceFirst("\" \\{>= ", "\" {< \"4\" & >= "), changed);
          default -> {
            String version =
                path.substring(path.indexOf('.') + 1, path.length() - "/opam".length());
            String later =
                path.replace(
                    "." + version + "/opam", "." + version + "." + random.nextInt(9) + "/opam");
            put(later, text, changed);
          }
        }
      }
    }

    private void put(String path, String text, Map<String, String> changed) {
      files.put(path, text);
      changed.put(path, text);
    }
  }
}
