package dev.millrace.spec;

import java.util.List;
import java.util.Optional;

/** One operation of a build spec. */
public sealed interface Op {
  /** A remark for the log. */
  record Comment(String text) implements Op {}

  /** Changes the working directory; a relative one is below the current one. */
  record Workdir(String directory) implements Op {}

  /** Changes what commands are given to: program and arguments. */
  record Shell(List<String> argv) implements Op {
    /** Copies. */
    public Shell {
      argv = List.copyOf(argv);
    }
  }

  /** Sets a variable of the environment. */
  record Env(String name, String value) implements Op {}

  /** Changes who runs the following steps. */
  record User(Account account) implements Op {}

  /**
   * Runs a command.
   *
   * @param caches directories kept from one run to the next
   * @param network {@code host}, or none
   * @param secrets files that are seen by this step only
   * @param shell the command, given to the shell as one argument
   */
  record Run(List<Mounted> caches, List<String> network, List<Mounted> secrets, String shell)
      implements Op {
    /** Copies. */
    public Run {
      caches = List.copyOf(caches);
      network = List.copyOf(network);
      secrets = List.copyOf(secrets);
    }
  }

  /**
   * Copies files.
   *
   * @param source the name of the build they are from; empty for the build's context
   * @param src paths below the source's root
   * @param dst a directory if it ends in a slash, or what the only source becomes
   * @param exclude names that are left out below the sources
   */
  record Copy(Optional<String> source, List<String> src, String dst, List<String> exclude)
      implements Op {
    /** Copies. */
    public Copy {
      src = List.copyOf(src);
      exclude = List.copyOf(exclude);
    }
  }

  /** Runs a command without network, caches and secrets. */
  static Run run(String shell) {
    return new Run(List.of(), List.of(), List.of(), shell);
  }

  /** Copies from the build's context. */
  static Copy copy(List<String> src, String dst) {
    return new Copy(Optional.empty(), src, dst, List.of());
  }

  /** Sets the user by numbers. */
  static User user(int uid, int gid) {
    return new User(new Account.Unix(uid, gid));
  }

  /**
   * The operation as it stands in a rendered spec, without a newline at its end.
   *
   * @param column where it is written, from 0: its further lines are aligned to it
   */
  default String render(int column) {
    return SpecPrinter.op(this, column);
  }
}
