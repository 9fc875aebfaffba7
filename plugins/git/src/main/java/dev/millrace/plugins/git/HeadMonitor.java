package dev.millrace.plugins.git;

import dev.millrace.engine.core.Monitor;
import java.io.IOException;
import java.time.Duration;

/**
 * The commit at the head of a local repository, for {@code engine.monitor}. A new commit is seen at
 * once where the file system tells of changes, and within ten seconds elsewhere.
 *
 * @param repository stays open as long as the engine
 */
public record HeadMonitor(GitRepository repository) implements Monitor<Commit> {
  private static final Duration POLL = Duration.ofSeconds(10);

  @Override
  public Commit read() {
    return repository.head();
  }

  @Override
  public AutoCloseable watch(Runnable refresh) throws IOException {
    return HeadWatch.start(repository, POLL, refresh);
  }
}
