package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is mounted where. */
final class Mounts {
  private Mounts() {}

  /** The mount points below a folder, deepest first. */
  static List<Path> below(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      Path point = Path.of(unescape(line.split(" ", 6)[4]));
      if (point.startsWith(folder) && !point.equals(folder)) {
        found.addFirst(point);
      }
    }
    return found;
  }

  /** Unmounts what a killed process left mounted below a folder. */
  static void unmountBelow(Path folder) throws IOException {
    for (Path point : below(folder)) {
      Linux.unmount(point, true);
    }
  }

  /** The kernel writes blanks and backslashes in octal. */
  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
