package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The control groups of steps, in the hierarchies of cgroup v1, v2 or both: made by the OCI
 * runtime, read and removed here. Immutable.
 */
final class StepCgroups {
  private static final int TRIES_MAX = 2000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final List<Path> hierarchies;

  private StepCgroups(List<Path> hierarchies) {
    this.hierarchies = List.copyOf(hierarchies);
  }

  /** Finds the hierarchies that are mounted. */
  static StepCgroups find() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] fields = line.split(" ");
      if (fields[2].equals("cgroup") || fields[2].equals("cgroup2")) {
        found.add(Path.of(fields[1]));
      }
    }
    return new StepCgroups(found);
  }

  /** Whether processes of this group were killed because it reached its memory limit. */
  boolean ranOutOfMemory(String group) throws IOException {
    return count(group, "memory.oom_control", "oom_kill") > 0
        || count(group, "memory.events", "oom_kill") > 0;
  }

  /** Whether this group was refused a process because it reached its limit. */
  boolean ranOutOfProcesses(String group) throws IOException {
    return count(group, "pids.events", "max") > 0;
  }

  private long count(String group, String file, String key) throws IOException {
    long count = 0;
    for (Path hierarchy : hierarchies) {
      Optional<String> text = read(hierarchy.resolve(group.substring(1)).resolve(file));
      for (String line : text.orElse("").lines().toList()) {
        if (line.startsWith(key + " ")) {
          count += Long.parseLong(line.substring(key.length() + 1).strip());
        }
      }
    }
    return count;
  }

  private static Optional<String> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Removes a group once the kernel has let its last process go, which it has been told to. Cannot
   * be interrupted.
   *
   * @throws BuilderException if processes are still there after ten seconds
   */
  void remove(String group) throws IOException {
    // Who has been interrupted does not pause between tries.
    Uninterrupted.run(() -> removePatiently(group));
  }

  private void removePatiently(String group) throws IOException {
    for (Path hierarchy : hierarchies) {
      Path directory = hierarchy.resolve(group.substring(1));
      int tries = 0;
      while (!removed(directory)) {
        if (++tries > TRIES_MAX) {
          throw new BuilderException(
              "Cannot end a step: processes are still in \"%s\"".formatted(directory), null);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Removes a group unless it has groups of its own. */
  void removeIfEmpty(String group) {
    for (Path hierarchy : hierarchies) {
      boolean _ = hierarchy.resolve(group.substring(1)).toFile().delete();
    }
  }

  private static boolean removed(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return true;
    }
    List<Path> children;
    try (var stream = Files.list(directory)) {
      children = stream.filter(Files::isDirectory).toList();
    } catch (NoSuchFileException e) {
      return true;
    }
    for (Path child : children) {
      if (!removed(child)) {
        return false;
      }
    }
    // Not Files.delete: the kernel says "busy" while a process is leaving, which is no error yet.
    return directory.toFile().delete() || !Files.isDirectory(directory);
  }
}
