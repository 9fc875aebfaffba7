package dev.millrace.plugins.git;

import java.time.Duration;

/**
 * How much a repository may make us do. Immutable.
 *
 * <p>The defaults leave room for the largest repositories that people work on: Linux has 0.1
 * million files of 1.5 GiB in 12 million objects of 6 GiB, Chromium 0.5 million files. What one
 * fetch may bring is bounded by the heap as well, as objects are taken in there: a two-hundredth of
 * it in objects, and a fifth of it in bytes of one object.
 *
 * @param entriesMax the most files and directories of one commit, those of its submodules included
 * @param depthMax how deep directories may nest, through submodules too
 * @param bytesMax the most bytes of all files of one commit
 * @param submodulesMax the most submodules, counted at every place where one stands
 * @param packBytesMax the most bytes that one fetch may receive
 * @param packObjectsMax the most objects that one fetch may receive
 * @param objectBytesMax the largest single object that one fetch may receive, in bytes
 * @param fetchTimeMax how long one fetch may take
 */
public record GitLimits(
    int entriesMax,
    int depthMax,
    long bytesMax,
    int submodulesMax,
    long packBytesMax,
    int packObjectsMax,
    long objectBytesMax,
    Duration fetchTimeMax) {
  /**
   * 750,000 entries, 128 levels, 4 GiB of files, 500 submodules; fetches of 12 GiB in 25 million
   * objects of 1 GiB, in one hour.
   */
  public static final GitLimits DEFAULT =
      new GitLimits(
          750_000, 128, 4L << 30, 500, 12L << 30, 25_000_000, 1L << 30, Duration.ofHours(1));

  private static final int HEAP_PER_OBJECT = 200;
  private static final int HEAP_PER_OBJECT_BYTE = 5;

  /** Checks. */
  public GitLimits {
    if (entriesMax < 1
        || depthMax < 1
        || bytesMax < 1
        || submodulesMax < 0
        || packBytesMax < 1
        || packObjectsMax < 1
        || objectBytesMax < 1
        || !fetchTimeMax.isPositive()) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }

  /** The same with other limits on what is written of one commit. */
  public GitLimits withExport(int newEntriesMax, int newDepthMax, long newBytesMax) {
    return new GitLimits(
        newEntriesMax,
        newDepthMax,
        newBytesMax,
        submodulesMax,
        packBytesMax,
        packObjectsMax,
        objectBytesMax,
        fetchTimeMax);
  }

  /** The same with other limits on what one fetch receives. */
  public GitLimits withFetch(
      long newPackBytesMax, int newPackObjectsMax, long newObjectBytesMax, Duration newTimeMax) {
    return new GitLimits(
        entriesMax,
        depthMax,
        bytesMax,
        submodulesMax,
        newPackBytesMax,
        newPackObjectsMax,
        newObjectBytesMax,
        newTimeMax);
  }

  /** The same, with no more than a heap of this size can take in. */
  GitLimits withinHeap(long heapBytes) {
    return withFetch(
        packBytesMax,
        (int) Math.max(1, Math.min(packObjectsMax, heapBytes / HEAP_PER_OBJECT)),
        Math.max(1, Math.min(objectBytesMax, heapBytes / HEAP_PER_OBJECT_BYTE)),
        fetchTimeMax);
  }
}
