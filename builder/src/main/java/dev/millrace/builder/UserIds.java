package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who runs this program. */
final class UserIds {
  private UserIds() {}

  /** Whether it is root. */
  static boolean isRoot() throws IOException {
    return uid() == 0;
  }

  static int uid() throws IOException {
    // Followed: the link itself is root's.
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /** Whether the user may give files to further ids in a user namespace. */
  static boolean hasSubordinates() throws IOException {
    String name = System.getProperty("user.name", "");
    return Files.isExecutable(Path.of("/usr/bin/newuidmap"))
        && has(Path.of("/etc/subuid"), name)
        && has(Path.of("/etc/subgid"), name);
  }

  private static boolean has(Path file, String name) throws IOException {
    if (!Files.isReadable(file)) {
      return false;
    }
    String uid = Integer.toString(uid());
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(name + ":") || line.startsWith(uid + ":")) {
        return true;
      }
    }
    return false;
  }
}
