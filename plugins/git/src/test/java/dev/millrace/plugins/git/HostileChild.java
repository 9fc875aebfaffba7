package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/** What a service does with a repository, in a process of its own: small heap, no programs. */
final class HostileChild {
  private HostileChild() {}

  /**
   * Takes {@code export DIRECTORY TARGET} or {@code fetch URL TARGET CLONES} or {@code commit URL
   * TARGET CLONES HASH}, and says in one line how it went. A last argument {@code small} is for
   * small limits.
   */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    try {
      run(arguments);
      out.println("EXPORTED");
    } catch (GitException e) {
      out.println("REFUSED " + e.getMessage());
    } catch (Throwable e) {
      out.println("BROKEN " + e);
      e.printStackTrace(out);
    }
    out.flush();
    // A thread that still reads must not keep the test.
    System.exit(0);
  }

  private static void run(String[] arguments) throws Exception {
    Path target = Path.of(arguments[2]);
    if (arguments[0].equals("export")) {
      try (GitRepository repository = GitRepository.open(Path.of(arguments[1]))) {
        repository.export(repository.head(), target);
      }
      return;
    }
    GitLimits limits =
        arguments[arguments.length - 1].equals("small")
            ? GitLimits.DEFAULT.withFetch(64 << 20, 100_000, 16 << 20, Duration.ofSeconds(20))
            : GitLimits.DEFAULT;
    GitClones clones = new GitClones(Path.of(arguments[3]), limits);
    Commit commit =
        arguments[0].equals("fetch")
            ? clones.fetchBranch(arguments[1], "HEAD")
            : clones.fetchCommit(arguments[1], new CommitHash(arguments[4]));
    try (GitRepository copy = GitClones.open(commit)) {
      copy.export(commit, target);
    }
  }
}
