package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each snapshot as a copy of its own, sharing blocks where the file system can (btrfs, xfs),
 * and else, from its commit on, the files that its step left alone. Works everywhere, without root
 * too.
 *
 * <p>INVARIANT: nobody writes to a committed snapshot, as its files may be another's too.
 */
public final class CopyStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(CopyStore.class);

  /** What a draft's files were when it was begun. */
  private static final String NOTES = "notes";

  private final String reason;
  private final StoreFolders folders;
  private final StepTrees trees;
  private final NamedCaches caches;

  private CopyStore(StoreFolders folders, StepTrees trees, String reason) {
    this.reason = reason;
    this.folders = folders;
    this.trees = trees;
    this.caches = new NamedCaches(folders, trees, Optional.empty());
  }

  /**
   * Opens the store in a directory, which is made when missing.
   *
   * @throws BuilderException if another process uses it
   */
  public static CopyStore open(Path root, StepTrees trees)
      throws IOException, InterruptedException {
    StoreFolders folders = StoreFolders.open(root, trees);
    try {
      return in(folders, trees, "as was asked for");
    } catch (IOException | InterruptedException e) {
      folders.close();
      throw e;
    }
  }

  /**
   * Opens the store in folders that are then the store's. What an overlay store left there that
   * cannot be read without overlays is removed.
   *
   * @param reason why no better store is used, for people
   */
  static CopyStore in(StoreFolders folders, StepTrees trees, String reason)
      throws IOException, InterruptedException {
    for (Stored stored : folders.list()) {
      if (!folders.isWhole(stored.id())) {
        folders.discard(folders.result(stored.id()));
      }
    }
    NamedCaches.removeDifferences(folders);
    return new CopyStore(folders, trees, reason);
  }

  @Override
  public boolean contains(SnapshotId id) {
    return folders.contains(id);
  }

  @Override
  public List<Stored> list() throws IOException {
    return folders.list();
  }

  @Override
  public Draft begin(Optional<SnapshotId> base, SnapshotId id)
      throws IOException, InterruptedException {
    Path folder = folders.createDraft(id.hex());
    Path result = folder.resolve("result");
    Path rootfs = result.resolve("rootfs");
    try {
      folders.createFolder(result);
      if (base.isPresent()) {
        folders.requirePresent(base.get());
        trees.copy(folders.rootfs(base.get()), rootfs);
        trees.note(rootfs, folder.resolve(NOTES));
      } else {
        trees.createDirectory(rootfs, User.ROOT, 0755);
      }
      folders.describe(result, base, true);
      return new CopyDraft(folder, result, id, base);
    } catch (IOException | InterruptedException | BuilderException e) {
      Uninterrupted.run(() -> folders.discard(folder));
      throw e;
    }
  }

  @Override
  public View open(SnapshotId id) {
    folders.requirePresent(id);
    return new OverlayStore.DirectoryView(folders.rootfs(id));
  }

  @Override
  public Path sideDirectory(SnapshotId id) {
    return folders.result(id);
  }

  @Override
  public void delete(SnapshotId id) throws IOException, InterruptedException {
    folders.discard(folders.result(id));
  }

  @Override
  public CacheCopy openCache(String name, User owner) throws IOException, InterruptedException {
    return caches.open(name, owner);
  }

  @Override
  public String describe() {
    return "copies, which are slow (%s)".formatted(reason);
  }

  @Override
  public long freeBytes() throws IOException {
    return folders.freeBytes();
  }

  @Override
  public void close() {
    folders.close();
  }

  private final class CopyDraft implements Draft {
    private final Path folder;
    private final Path result;
    private final SnapshotId id;
    private final Optional<SnapshotId> base;
    private boolean closed;

    CopyDraft(Path folder, Path result, SnapshotId id, Optional<SnapshotId> base) {
      this.folder = folder;
      this.result = result;
      this.id = id;
      this.base = base;
    }

    @Override
    public Path rootfs() {
      return result.resolve("rootfs");
    }

    @Override
    public Path sideDirectory() {
      return result;
    }

    @Override
    public void commit() throws IOException, InterruptedException {
      if (base.isPresent()) {
        trees.shareUnchanged(rootfs(), folders.rootfs(base.get()), folder.resolve(NOTES));
      }
      folders.commit(result, id);
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      try {
        Uninterrupted.run(() -> folders.discard(folder));
      } catch (IOException e) {
        LOG.warn("Cannot remove \"{}\"; the next start does", folder, e);
      }
    }
  }
}
