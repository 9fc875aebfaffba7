package dev.millrace.builder;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Keeps snapshots of root file systems and named caches.
 *
 * <p>Files lie on the host with the owners of the step's user namespace (see {@link StepTrees});
 * only {@link StepTrees} may touch them. A snapshot appears atomically and never changes
 * afterwards. Thread-safe, but one id must not be begun twice at once: the builder shares such
 * steps. At opening, a store removes what a killed process left behind.
 */
public interface Store extends AutoCloseable {
  /**
   * Opens the fastest store that works in a directory, which is made when missing: by overlayfs, or
   * else, for ordinary users, by copying.
   *
   * @throws BuilderException if another process uses it, or, as root, overlayfs does not work there
   */
  static Store ofThisUser(Path root, StepTrees trees) throws IOException, InterruptedException {
    if (UserIds.isRoot()) {
      return OverlayStore.open(root, trees);
    }
    StoreFolders folders = StoreFolders.open(root, trees);
    boolean opened = false;
    try {
      Store store = overlayOrCopies(folders, trees);
      opened = true;
      return store;
    } finally {
      if (!opened) {
        folders.close();
      }
    }
  }

  private static Store overlayOrCopies(StoreFolders folders, StepTrees trees)
      throws IOException, InterruptedException {
    try {
      return OverlayStore.in(folders, trees);
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage()).lines().toList().getLast();
      return CopyStore.in(folders, trees, CopyStore.slow("overlayfs cannot be used: " + reason));
    }
  }

  /** How snapshots are kept, in a few words for people. */
  String describe();

  /** Whether this snapshot is there. */
  boolean contains(SnapshotId id) throws IOException;

  /**
   * Opens a writable root file system that starts as {@code base}, or empty, and may become the
   * snapshot {@code id}.
   */
  Draft begin(Optional<SnapshotId> base, SnapshotId id) throws IOException, InterruptedException;

  /**
   * Opens a snapshot for reading, whole: everything its ancestors left included.
   *
   * @throws BuilderException if it is not there
   */
  View open(SnapshotId id) throws IOException, InterruptedException;

  /**
   * Writes a snapshot as a plain tar stream, with the owners that steps see.
   *
   * @throws BuilderException if it is not there
   */
  void pack(SnapshotId id, OutputStream tar) throws IOException, InterruptedException;

  /** Where a snapshot's small side files lie, such as its log; for reading. */
  Path sideDirectory(SnapshotId id);

  /** All snapshots, in the order of their ids. */
  List<Stored> list() throws IOException;

  /** Removes a snapshot that no other one is based on; nothing happens if it is not there. */
  void delete(SnapshotId id) throws IOException, InterruptedException;

  /**
   * A private writable copy of a named cache, made empty with this owner on first use. Closing it
   * publishes the copy if nobody else published since it was made; the first one wins.
   */
  CacheCopy openCache(String name, User owner) throws IOException, InterruptedException;

  /** The named caches, in the order of their names. */
  List<NamedCache> caches() throws IOException;

  /**
   * Removes a named cache; nothing happens if it is not there.
   *
   * @throws BuilderException if somebody has a copy of it open
   */
  void deleteCache(String name) throws IOException, InterruptedException;

  /** The room for further snapshots. */
  Space space() throws IOException;

  /** Unmounts everything and leaves nothing behind. */
  @Override
  void close();

  /** Room on a store's disk. */
  record Space(long freeBytes, long totalBytes) {
    /** How much of all is free, 0 to 100. */
    public double freePercent() {
      return totalBytes == 0 ? 0 : 100.0 * freeBytes / totalBytes;
    }
  }

  /**
   * A snapshot that is there.
   *
   * @param base what it was begun from
   */
  record Stored(SnapshotId id, Optional<SnapshotId> base) {}

  /**
   * A named cache.
   *
   * @param published when it was last changed
   */
  record NamedCache(String name, Instant published) {}

  /** A snapshot in the making. */
  interface Draft extends AutoCloseable {
    /** The root file system, mounted and writable. */
    Path rootfs();

    /**
     * Where side files of the future snapshot are written (its log, its environment); not visible
     * to the step.
     */
    Path sideDirectory();

    /** Makes it the snapshot, durably and atomically; side files included. */
    void commit() throws IOException, InterruptedException;

    /**
     * Makes it another snapshot than it was to be, which must not be there: what a failed step
     * left.
     */
    void commitAs(SnapshotId other) throws IOException, InterruptedException;

    /** Discards it unless committed. */
    @Override
    void close();
  }

  /** A snapshot opened for reading. */
  interface View extends AutoCloseable {
    /** The whole root file system. */
    Path rootfs();

    @Override
    void close();
  }

  /** A private copy of a cache. */
  interface CacheCopy extends AutoCloseable {
    /** The directory to mount. */
    Path directory();

    /** Has closing it publish nothing. */
    void discard();

    @Override
    void close();
  }
}
