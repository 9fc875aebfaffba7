package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each snapshot as the difference to its base, by overlayfs. For root, on any file system
 * that overlayfs accepts as a writable layer (ext4, xfs, btrfs, tmpfs), from Linux 5.10 on.
 */
public final class OverlayStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(OverlayStore.class);

  private final StoreFolders folders;
  private final StepTrees trees;
  private final Overlay overlay;
  private final NamedCaches caches;

  private OverlayStore(StoreFolders folders, StepTrees trees, Overlay overlay) {
    this.folders = folders;
    this.trees = trees;
    this.overlay = overlay;
    this.caches = new NamedCaches(folders, trees, Optional.of(overlay));
  }

  /**
   * Opens the store in a directory, which is made when missing.
   *
   * @throws BuilderException if another process uses it, or overlayfs does not work there
   */
  public static OverlayStore open(Path root, StepTrees trees)
      throws IOException, InterruptedException {
    return open(root, trees, Overlay.ofThisKernel());
  }

  static OverlayStore open(Path root, StepTrees trees, Overlay overlay)
      throws IOException, InterruptedException {
    StoreFolders folders = StoreFolders.open(root, trees);
    OverlayStore store = new OverlayStore(folders, trees, overlay);
    try {
      store.tryOut();
      return store;
    } catch (IOException e) {
      store.close();
      throw new BuilderException(
          "Cannot use overlayfs in \"%s\": %s. Use another directory, or the copy store"
              .formatted(root, e.getMessage()),
          e);
    }
  }

  /** Mounts something, so that a file system that cannot be used is refused at once. */
  private void tryOut() throws IOException, InterruptedException {
    Path draft = folders.createDraft("probe");
    for (String name : List.of("lower", "upper", "work", "merged")) {
      folders.createFolder(draft.resolve(name));
    }
    Path merged = draft.resolve("merged");
    overlay.mount(
        List.of(draft.resolve("lower")), draft.resolve("upper"), draft.resolve("work"), merged);
    Overlay.unmount(merged);
    folders.discard(draft);
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
    try {
      OverlayDraft draft = new OverlayDraft(folder, base, id);
      draft.prepare();
      return draft;
    } catch (IOException | InterruptedException | BuilderException e) {
      Uninterrupted.run(() -> folders.discard(folder));
      throw e;
    }
  }

  @Override
  public View open(SnapshotId id) throws IOException, InterruptedException {
    List<Path> layers = folders.layers(id);
    if (layers.size() == 1) {
      return new DirectoryView(layers.getFirst());
    }
    Path folder = folders.createDraft("view");
    Path merged = folder.resolve("merged");
    try {
      folders.createFolder(merged);
      overlay.mountReadOnly(layers, merged);
      return new MountedView(folder, merged);
    } catch (IOException e) {
      Uninterrupted.run(() -> folders.discard(folder));
      throw e;
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
  public long freeBytes() throws IOException {
    return folders.freeBytes();
  }

  @Override
  public void close() {
    try {
      Uninterrupted.run(() -> Mounts.unmountBelow(folders.root()));
    } catch (IOException e) {
      LOG.warn("Cannot unmount everything below \"{}\"", folders.root(), e);
    }
    folders.close();
  }

  /** A snapshot of one layer. */
  record DirectoryView(Path rootfs) implements View {
    @Override
    public void close() {}
  }

  private final class MountedView implements View {
    private final Path folder;
    private final Path merged;

    MountedView(Path folder, Path merged) {
      this.folder = folder;
      this.merged = merged;
    }

    @Override
    public Path rootfs() {
      return merged;
    }

    @Override
    public void close() {
      Overlay.detach(merged);
      try {
        Uninterrupted.run(() -> folders.discard(folder));
      } catch (IOException e) {
        LOG.warn("Cannot remove \"{}\"; the next start does", folder, e);
      }
    }
  }

  private final class OverlayDraft implements Draft {
    private final Path folder;
    private final Optional<SnapshotId> base;
    private final SnapshotId id;
    private final Path result;
    private final Path upper;
    private Path rootfs;
    private int layers;
    private boolean mounted;
    private boolean closed;

    OverlayDraft(Path folder, Optional<SnapshotId> base, SnapshotId id) {
      this.folder = folder;
      this.base = base;
      this.id = id;
      this.result = folder.resolve("result");
      this.upper = result.resolve("rootfs");
      this.rootfs = upper;
    }

    void prepare() throws IOException, InterruptedException {
      folders.createFolder(result);
      if (base.isEmpty()) {
        trees.createDirectory(upper, User.ROOT, 0755);
        return;
      }
      List<Path> lower = folders.layers(base.get());
      layers = lower.size();
      Files.createDirectory(upper);
      copyAttributes(lower.getFirst(), upper);
      Path work = folder.resolve("work");
      Path merged = folder.resolve("merged");
      folders.createFolder(work);
      folders.createFolder(merged);
      overlay.mount(lower, upper, work, merged);
      mounted = true;
      rootfs = merged;
    }

    @Override
    public Path rootfs() {
      return rootfs;
    }

    @Override
    public Path sideDirectory() {
      return result;
    }

    @Override
    public void commit() throws IOException, InterruptedException {
      boolean whole = !mounted;
      if (mounted) {
        if (layers >= Overlay.LAYERS_MAX) {
          trees.copy(rootfs, folder.resolve("whole"));
          whole = true;
        }
        Overlay.unmount(rootfs);
        mounted = false;
        if (whole) {
          folders.discard(upper);
          trees.move(folder.resolve("whole"), upper);
        }
      }
      folders.describe(result, base, whole);
      folders.commit(result, id);
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      if (mounted) {
        Overlay.detach(rootfs);
      }
      try {
        Uninterrupted.run(() -> folders.discard(folder));
      } catch (IOException e) {
        LOG.warn("Cannot remove \"{}\"; the next start does", folder, e);
      }
    }
  }

  /** The root directory itself is not merged: it is the upper layer's. */
  private static void copyAttributes(Path from, Path to) throws IOException {
    for (String name : List.of("unix:uid", "unix:gid")) {
      Object value = Files.getAttribute(from, name, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(to, name, value, LinkOption.NOFOLLOW_LINKS);
    }
    int mode = (Integer) Files.getAttribute(from, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(to, "unix:mode", mode & 07777);
  }
}
