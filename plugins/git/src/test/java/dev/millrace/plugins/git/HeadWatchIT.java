package dev.millrace.plugins.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import dev.millrace.base.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether what people do with git is noticed: by events alone, as the watch is told to ask by
 * itself only once in an hour.
 */
class HeadWatchIT {
  private static final Duration NEVER = Duration.ofHours(1);

  @TempDir Path temporary;
  private final Semaphore told = new Semaphore(0);

  private void git(String... arguments) throws IOException, InterruptedException {
    git(temporary.resolve("p"), arguments);
  }

  private static void git(Path directory, String... arguments)
      throws IOException, InterruptedException {
    List<String> argv =
        new ArrayList<>(
            List.of(
                "git", "-C", directory.toString(), "-c", "user.name=a", "-c", "user.email=a@b"));
    argv.addAll(List.of(arguments));
    Command.of(argv).read(100_000);
  }

  private void project() throws Exception {
    Files.createDirectories(temporary.resolve("p"));
    git("init", "-q", "-b", "main");
    Files.writeString(temporary.resolve("p/a"), "1");
    git("add", "a");
    git("commit", "-qm", "One");
  }

  /** Waits until the head is at a commit of this title, and for events only. */
  private void awaitTitle(GitRepository repository, String title) throws InterruptedException {
    while (!repository.head().title().equals(title)) {
      assertThat(told.tryAcquire(5, TimeUnit.SECONDS)).as("an event for " + title).isTrue();
    }
  }

  private void awaitRef(GitRepository repository, String ref) throws InterruptedException {
    while (!repository.head().ref().equals(ref)) {
      assertThat(told.tryAcquire(5, TimeUnit.SECONDS)).as("an event for " + ref).isTrue();
    }
  }

  /** Until nothing more has been told for half a second: so that the next event is a new one. */
  private void awaitQuiet() throws InterruptedException {
    int told = 0;
    while (this.told.tryAcquire(500, TimeUnit.MILLISECONDS)) {
      assertThat(++told).as("told without an end").isLessThan(50);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Does something, and sees that it was told of, once the watch was quiet. */
  private void tells(Step step) throws Exception {
    awaitQuiet();
    step.run();
    assertThat(told.tryAcquire(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void noticesWhatGitDoesToTheHead() throws Exception {
    project();
    try (GitRepository repository = GitRepository.open(temporary.resolve("p"));
        HeadWatch _ = HeadWatch.start(repository, NEVER, told::release)) {
      tells(() -> git("commit", "-q", "--allow-empty", "-m", "Two"));
      awaitTitle(repository, "Two");
      tells(() -> git("commit", "-q", "--allow-empty", "--amend", "-m", "Two again"));
      awaitTitle(repository, "Two again");
      tells(() -> git("checkout", "-q", "-b", "feature/deep/x", "HEAD~1"));
      awaitRef(repository, "refs/heads/feature/deep/x");
      tells(() -> git("commit", "-q", "--allow-empty", "-m", "Three"));
      awaitTitle(repository, "Three");
      tells(() -> git("rebase", "-q", "--keep-empty", "main"));
      assertThat(repository.head().title()).isEqualTo("Three");
      tells(() -> git("checkout", "-q", "--detach", "main"));
      awaitRef(repository, "HEAD");
      awaitTitle(repository, "Two again");
      tells(() -> git("checkout", "-q", "feature/deep/x"));
      awaitTitle(repository, "Three");
    }
  }

  /** Packing refs removes the directories that are watched; the next commit makes them anew. */
  @Test
  void survivesThatDirectoriesOfRefsComeAndGo() throws Exception {
    project();
    git("checkout", "-q", "-b", "feature/deep/x");
    try (GitRepository repository = GitRepository.open(temporary.resolve("p"));
        HeadWatch _ = HeadWatch.start(repository, NEVER, told::release)) {
      for (int i = 0; i < 3; i++) {
        tells(() -> git("pack-refs", "--all", "--prune"));
        assertThat(temporary.resolve("p/.git/refs/heads/feature")).doesNotExist();
        assertThat(repository.head().ref()).isEqualTo("refs/heads/feature/deep/x");
        awaitQuiet();
        // Nothing but the ref itself is touched, as by a push into the repository.
        String commit =
            Command.of(
                    "git",
                    "-C",
                    temporary.resolve("p").toString(),
                    "-c",
                    "user.name=a",
                    "-c",
                    "user.email=a@b",
                    "commit-tree",
                    "-m",
                    "Plumbed " + i,
                    "HEAD^{tree}")
                .read(100)
                .strip();
        awaitQuiet();
        tells(() -> git("update-ref", "refs/heads/feature/deep/x", commit));
        awaitTitle(repository, "Plumbed " + i);
      }
      git("gc", "-q");
      git("commit", "-q", "--allow-empty", "-m", "After gc");
      awaitTitle(repository, "After gc");
      assertThat(temporary.resolve("p/.git/refs/heads/feature/deep/x")).exists();
    }
  }

  @Test
  void noticesCommitsOfALinkedWorkTreeAndOfABareRepository() throws Exception {
    project();
    git("worktree", "add", "-q", "-b", "side", temporary.resolve("w").toString());
    try (GitRepository repository = GitRepository.open(temporary.resolve("w"));
        HeadWatch _ = HeadWatch.start(repository, NEVER, told::release)) {
      tells(() -> git(temporary.resolve("w"), "commit", "-q", "--allow-empty", "-m", "Side"));
      awaitTitle(repository, "Side");
      assertThat(repository.head().ref()).isEqualTo("refs/heads/side");
    }
    git(temporary, "clone", "-q", "--bare", "p", "b.git");
    try (GitRepository repository = GitRepository.open(temporary.resolve("b.git"));
        HeadWatch _ = HeadWatch.start(repository, NEVER, told::release)) {
      git("commit", "-q", "--allow-empty", "-m", "Pushed");
      tells(() -> git("push", "-q", temporary.resolve("b.git").toString(), "main"));
      awaitTitle(repository, "Pushed");
    }
  }

  /** Without an event it asks as often as it is told to, also when the repository is gone. */
  @Test
  void asksNowAndThenAndGoesOnWhenTheRepositoryComesBack() throws Exception {
    project();
    try (GitRepository repository = GitRepository.open(temporary.resolve("p"));
        HeadWatch _ = HeadWatch.start(repository, Duration.ofMillis(100), told::release)) {
      assertThat(told.tryAcquire(3, 10, TimeUnit.SECONDS)).isTrue();
      TemporaryDirectory.deleteTree(temporary.resolve("p/.git"));
      told.drainPermits();
      assertThat(told.tryAcquire(3, 10, TimeUnit.SECONDS)).isTrue();
      git("init", "-q", "-b", "main");
      git("add", "a");
      git("commit", "-qm", "Back");
      told.drainPermits();
      assertThat(told.tryAcquire(2, 10, TimeUnit.SECONDS)).isTrue();
      assertThat(repository.head().title()).isEqualTo("Back");
    }
  }
}
