package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each snapshot as a copy of its own: a subvolume on btrfs; elsewhere files, sharing blocks
 * where the file system can (xfs) and, from its commit on, whole files that its step left alone.
 * Works everywhere, without root too.
 *
 * <p>INVARIANT: nobody writes to a committed snapshot, as its files may be another's too.
 */
public final class CopyStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(CopyStore.class);

  /** What a draft's files were when it was begun. */
  private static final String NOTES = "notes";

  private final String description;
  private final StoreFolders folders;
  private final StepTrees trees;
  private final NamedCaches caches;

  private CopyStore(StoreFolders folders, StepTrees trees, String description) {
    this.description = description;
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
      return in(folders, trees, slow("as was asked for"));
    } catch (IOException | InterruptedException e) {
      folders.close();
      throw e;
    }
  }

  /**
   * Opens the store in a directory of a file system whose files can share blocks (xfs, btrfs).
   *
   * @throws BuilderException if they cannot, or another process uses it
   */
  public static CopyStore openSharingBlocks(Path root, StepTrees trees)
      throws IOException, InterruptedException {
    StoreFolders folders = StoreFolders.open(root, trees);
    try {
      Path probe = folders.createDraft("probe");
      Path file = Files.writeString(probe.resolve("a"), "shared");
      try {
        Command.of("cp", "--reflink=always", "--", file.toString(), probe.resolve("b").toString())
            .read(1 << 12);
      } catch (ProcessException e) {
        throw new BuilderException(
            "Cannot share blocks of files in \"%s\": use a directory on xfs or btrfs, or the store rsync"
                .formatted(root),
            e);
      } finally {
        folders.discard(probe);
      }
      return in(folders, trees, "copies that share blocks");
    } catch (IOException | InterruptedException | BuilderException e) {
      folders.close();
      throw e;
    }
  }

  /**
   * Opens the store in a directory on btrfs, where each snapshot is a subvolume.
   *
   * @throws BuilderException if it is on another file system, this user is not root, the kernel is
   *     older than Linux 5.8, or another process uses the directory
   */
  public static CopyStore openSubvolumes(Path root, StepTrees trees)
      throws IOException, InterruptedException {
    if (!UserIds.isRoot() || !KernelVersion.current().isAtLeast(5, 8)) {
      throw new BuilderException(
          "Cannot keep snapshots as subvolumes: root and Linux 5.8 or later are needed", null);
    }
    Subvolumes subvolumes = new Subvolumes(trees);
    StoreFolders folders = StoreFolders.open(root, subvolumes);
    try {
      Path probe = folders.createDraft("probe");
      try {
        Subvolumes.tryOut(probe);
      } catch (Linux.CallException e) {
        throw new BuilderException(
            "Cannot keep snapshots as subvolumes in \"%s\": %s. Use a directory on btrfs, or another store"
                .formatted(root, e.getMessage()),
            e);
      } finally {
        folders.discard(probe);
      }
      return in(folders, subvolumes, "subvolumes of btrfs");
    } catch (IOException | InterruptedException | BuilderException e) {
      folders.close();
      throw e;
    }
  }

  /**
   * Opens the store in folders that are then the store's. What an overlay store left there that
   * cannot be read without overlays is removed.
   *
   * @param description how snapshots are kept, for people
   */
  static CopyStore in(StoreFolders folders, StepTrees trees, String description)
      throws IOException, InterruptedException {
    for (Stored stored : folders.list()) {
      if (!folders.isWhole(stored.id())) {
        folders.discard(folders.result(stored.id()));
      }
    }
    NamedCaches.removeDifferences(folders);
    return new CopyStore(folders, trees, description);
  }

  /** What is said of copies that nothing speeds up. */
  static String slow(String reason) {
    return "copies, which are slow (%s)".formatted(reason);
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
  public void pack(SnapshotId id, OutputStream tar) throws IOException, InterruptedException {
    try (View view = open(id)) {
      trees.pack(view.rootfs(), tar);
    }
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
  public List<NamedCache> caches() throws IOException {
    return caches.list();
  }

  @Override
  public void deleteCache(String name) throws IOException, InterruptedException {
    caches.delete(name);
  }

  @Override
  public String describe() {
    return description;
  }

  @Override
  public Space space() throws IOException {
    return folders.space();
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
      commitAs(id);
    }

    @Override
    public void commitAs(SnapshotId other) throws IOException, InterruptedException {
      if (base.isPresent()) {
        trees.shareUnchanged(rootfs(), folders.rootfs(base.get()), folder.resolve(NOTES));
      }
      folders.commit(result, other);
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
