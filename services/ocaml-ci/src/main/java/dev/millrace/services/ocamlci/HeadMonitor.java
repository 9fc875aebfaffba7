package dev.millrace.services.ocamlci;

import dev.millrace.engine.core.Monitor;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.GitRepository;
import dev.millrace.plugins.git.HeadWatch;
import java.io.IOException;
import java.time.Duration;

/** The project's head. */
record HeadMonitor(GitRepository project) implements Monitor<Commit> {
  private static final Duration POLL = Duration.ofSeconds(10);

  @Override
  public Commit read() {
    return project.head();
  }

  @Override
  public AutoCloseable watch(Runnable refresh) throws IOException {
    return HeadWatch.start(project, POLL, refresh);
  }
}
