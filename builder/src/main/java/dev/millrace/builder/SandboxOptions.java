package dev.millrace.builder;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How sandboxes of one builder are set up.
 *
 * @param runDirectory where containers are described while they run: on the host's own disk or a
 *     tmpfs, reachable by everyone (each of its parents has mode {@code --x} for others)
 * @param fastSync whether {@code fsync} and its like succeed without doing anything: a snapshot
 *     that a power cut spoils is never committed, so that steps need not wait for the disk
 * @param memoryBytesMax memory of all processes of a step; empty for no limit
 * @param pidsMax processes and threads of a step; empty for no limit
 * @param openFilesMax files that one process may have open
 */
public record SandboxOptions(
    Path runDirectory,
    boolean fastSync,
    OptionalLong memoryBytesMax,
    OptionalInt pidsMax,
    int openFilesMax) {
  /** Enough for the largest parallel build seen, little enough to stop a fork bomb. */
  public static final int PIDS_MAX_DEFAULT = 16_384;

  /** What the original gives to a step. */
  public static final int OPEN_FILES_MAX_DEFAULT = 1024;

  /** Checks the ranges. */
  public SandboxOptions {
    if (memoryBytesMax.isPresent() && memoryBytesMax.getAsLong() < (1 << 20)) {
      throw new IllegalArgumentException(
          "memoryBytesMax must be at least 1 MiB, was " + memoryBytesMax.getAsLong());
    }
    if (pidsMax.isPresent() && pidsMax.getAsInt() < 1) {
      throw new IllegalArgumentException("pidsMax must be at least 1, was " + pidsMax.getAsInt());
    }
    if (openFilesMax < 16) {
      throw new IllegalArgumentException("openFilesMax must be at least 16, was " + openFilesMax);
    }
  }

  /** The defaults: no fast sync, no memory limit. */
  public static SandboxOptions in(Path runDirectory) {
    return new SandboxOptions(
        runDirectory,
        false,
        OptionalLong.empty(),
        OptionalInt.of(PIDS_MAX_DEFAULT),
        OPEN_FILES_MAX_DEFAULT);
  }

  /** The same with or without fast sync. */
  public SandboxOptions withFastSync(boolean newFastSync) {
    return new SandboxOptions(runDirectory, newFastSync, memoryBytesMax, pidsMax, openFilesMax);
  }

  /** The same with a limit on memory. */
  public SandboxOptions withMemoryBytesMax(long bytes) {
    return new SandboxOptions(
        runDirectory, fastSync, OptionalLong.of(bytes), pidsMax, openFilesMax);
  }

  /** The same with a limit on processes. */
  public SandboxOptions withPidsMax(int pids) {
    return new SandboxOptions(
        runDirectory, fastSync, memoryBytesMax, OptionalInt.of(pids), openFilesMax);
  }
}
