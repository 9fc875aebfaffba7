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

  /** The user's name; empty if it has none. */
  static String name() {
    return System.getProperty("user.name", "");
  }
}
