package dev.millrace.plugins.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.api.Git;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadWatchTest {
  @TempDir Path temporary;

  @Test
  void tellsOfANewCommitAndOfAnotherBranch() throws Exception {
    try (Git git = Git.init().setDirectory(temporary.toFile()).setInitialBranch("main").call()) {
      Files.writeString(temporary.resolve("a"), "1");
      git.add().addFilepattern(".").call();
      git.commit().setMessage("One").setSign(false).call();
      Semaphore told = new Semaphore(0);
      try (GitRepository repository = GitRepository.open(temporary);
          HeadWatch watch = HeadWatch.start(repository, Duration.ofHours(1), told::release)) {
        git.commit().setMessage("Two").setAllowEmpty(true).setSign(false).call();
        assertThat(told.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        assertThat(repository.head().title()).isEqualTo("Two");

        git.checkout().setCreateBranch(true).setName("feature/x").call();
        assertThat(told.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        told.drainPermits();
        git.commit().setMessage("Three").setAllowEmpty(true).setSign(false).call();
        assertThat(told.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        assertThat(repository.head().title()).isEqualTo("Three");
        assertThat(watch).isNotNull();
      }
    }
  }
}
