package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Runs one process on a root file system, away from the host. Thread-safe. Whoever opened one
 * closes it, when no step is running any more.
 */
public interface Sandbox extends AutoCloseable {
  /** What a specification's commands are given to, unless it says otherwise. */
  default List<String> shell() {
    return List.of("/usr/bin/env", "bash", "-c");
  }

  /** Name and version of what does the work, and what it protects from, in one line for people. */
  String describe();

  /**
   * Why steps of this user cannot be run here, as one sentence that says what to do; empty where
   * they can.
   */
  default Optional<String> refusal(User user) {
    return Optional.empty();
  }

  /**
   * Runs the process with its error output merged into its output and returns its exit status. When
   * it returns or throws, nothing of the step runs any more; interruption kills it.
   *
   * @throws BuilderException if the sandbox itself fails, or a limit was exceeded (the message
   *     names it)
   */
  int run(Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException;

  /** Removes what it keeps on the host. */
  @Override
  default void close() {}

  /**
   * What to run.
   *
   * @param rootfs the mounted root file system, writable
   * @param argv program and arguments, as seen inside
   * @param directory working directory inside; made when missing
   * @param environment the whole environment, in order
   * @param user who runs it
   * @param network whether it sees the host's network; otherwise it sees none
   * @param mounts further directories
   * @param secrets read-only files
   * @param timeLimit wall time; empty for none
   */
  record Run(
      Path rootfs,
      List<String> argv,
      String directory,
      List<Variable> environment,
      User user,
      boolean network,
      List<Mount> mounts,
      List<SecretFile> secrets,
      Optional<Duration> timeLimit) {
    /** Copies. */
    public Run {
      argv = List.copyOf(argv);
      environment = List.copyOf(environment);
      mounts = List.copyOf(mounts);
      secrets = List.copyOf(secrets);
    }
  }

  /** One environment variable. */
  record Variable(String name, String value) {
    /** Where programs are, in a base that says nothing of its own. */
    static final Variable STANDARD_PATH =
        new Variable("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  }

  /** A host directory seen inside. */
  record Mount(Path source, String target, boolean readOnly) {}

  /** A file with a secret seen inside, readable by the step's user only. */
  record SecretFile(dev.millrace.base.Secret value, String target) {}
}
