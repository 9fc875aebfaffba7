package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How an ordinary user's helper processes get to be root, of a user namespace. */
final class UserNamespace {
  private static final int OUTPUT_BYTES_MAX = 4096;

  private UserNamespace() {}

  /** What stands before a command that gets a namespace of its own. */
  static List<String> enter(SubordinateIds subordinates) {
    List<String> argv = new ArrayList<>(List.of("unshare", "--user"));
    if (subordinates.granted()) {
      argv.add("--map-auto");
    }
    argv.add("--map-root-user");
    argv.add("--");
    return List.copyOf(argv);
  }

  /**
   * What stands before a command that works on these paths: those of {@link UserMounts} can only be
   * reached in there, where they are called {@link UserMounts#inside}.
   */
  static List<String> enter(SubordinateIds subordinates, List<String> paths) {
    return UserMounts.enter(paths).orElseGet(() -> enter(subordinates));
  }

  /**
   * Checks that one can be had.
   *
   * @throws BuilderException if not, saying what to change
   */
  static void require(SubordinateIds subordinates) throws IOException, InterruptedException {
    try {
      Command.of("unshare", "--user", "--", "true").read(OUTPUT_BYTES_MAX);
    } catch (ProcessException _) {
      // Not kept as the cause: over the limit, unshare says that no space is left on device, and
      // somebody would be sent to look for a full disk.
      throw new BuilderException(
          "Cannot run steps as an ordinary user: this machine allows no user namespaces; run as root, or set user.max_user_namespaces (and, where they exist, kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0) by sysctl",
          null);
    }
    List<String> argv = new ArrayList<>(enter(subordinates));
    argv.add("true");
    try {
      Command.of(argv).read(OUTPUT_BYTES_MAX);
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot give steps users of their own: %s; is the package uidmap installed, and does the range of %s in /etc/subuid and /etc/subgid hold?"
              .formatted(
                  String.valueOf(e.getMessage()).lines().toList().getLast(), subordinates.user()),
          e);
    }
  }
}
