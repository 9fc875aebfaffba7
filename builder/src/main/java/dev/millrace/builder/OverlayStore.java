package dev.millrace.builder;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each snapshot as the difference to its base, by overlayfs, on any file system that this
 * accepts as a writable layer (ext4, xfs, btrfs, tmpfs). For root from Linux 5.10 on; for ordinary
 * users from 5.11 on, where the kernel allows them user namespaces.
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
    return open(root, trees, OverlayStore::overlay);
  }

  /** How this user's overlays are mounted. */
  interface OverlayOpener {
    Overlay open() throws IOException, InterruptedException;
  }

  private static Overlay overlay() throws IOException, InterruptedException {
    return UserIds.isRoot()
        ? RootOverlay.ofThisKernel()
        : UserOverlay.open(SubordinateIds.ofThisUser());
  }

  static OverlayStore open(Path root, StepTrees trees, OverlayOpener opener)
      throws IOException, InterruptedException {
    StoreFolders folders = StoreFolders.open(root, trees);
    try {
      return in(folders, trees, opener);
    } catch (IOException e) {
      folders.close();
      throw new BuilderException(
          "Cannot use overlayfs in \"%s\": %s. Use another directory, or the copy store"
              .formatted(root, e.getMessage()),
          e);
    } catch (InterruptedException e) {
      folders.close();
      throw e;
    }
  }

  /**
   * Opens the store in folders that are then the store's.
   *
   * @throws IOException if overlayfs does not work there; the folders stay open
   */
  static OverlayStore in(StoreFolders folders, StepTrees trees)
      throws IOException, InterruptedException {
    return in(folders, trees, OverlayStore::overlay);
  }

  private static OverlayStore in(StoreFolders folders, StepTrees trees, OverlayOpener opener)
      throws IOException, InterruptedException {
    Overlay overlay = opener.open();
    boolean works = false;
    try {
      tryOut(overlay, folders);
      works = true;
      return new OverlayStore(folders, trees, overlay);
    } finally {
      if (!works) {
        overlay.close();
      }
    }
  }

  /** Works on something, so that a file system that cannot be used is refused at once. */
  private static void tryOut(Overlay overlay, StoreFolders folders)
      throws IOException, InterruptedException {
    Path draft = folders.createDraft("probe");
    Path merged = draft.resolve("merged");
    try {
      List<Path> all = Stream.of("lower", "upper", "work", "merged").map(draft::resolve).toList();
      for (Path folder : all) {
        folders.createFolder(folder);
      }
      Path lower = all.get(0);
      Path upper = all.get(1);
      Files.createDirectory(lower.resolve("emptied"));
      Files.createFile(lower.resolve("emptied/file"));
      Files.createFile(lower.resolve("deleted"));
      overlay.mount(List.of(lower), upper, all.get(2), merged);
      Path seen = overlay.seen(merged);
      Files.delete(seen.resolve("deleted"));
      Files.delete(seen.resolve("emptied/file"));
      Files.delete(seen.resolve("emptied"));
      Files.createDirectory(seen.resolve("emptied"));
      overlay.unmount(merged);
      overlay.mountReadOnly(List.of(upper, lower), merged);
      if (Files.exists(seen.resolve("deleted")) || Files.exists(seen.resolve("emptied/file"))) {
        throw new IOException("the kernel forgets what was deleted");
      }
    } finally {
      overlay.detach(merged);
      Uninterrupted.run(() -> folders.discard(draft));
    }
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
    OverlayDraft draft = new OverlayDraft(folder, base, id);
    boolean prepared = false;
    try {
      draft.prepare();
      prepared = true;
      return draft;
    } finally {
      if (!prepared) {
        draft.close();
      }
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
    } catch (IOException | InterruptedException e) {
      // A command may have mounted it before it was killed.
      overlay.detach(merged);
      Uninterrupted.run(() -> folders.discard(folder));
      throw e;
    }
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
    return "overlayfs";
  }

  @Override
  public Space space() throws IOException {
    return folders.space();
  }

  @Override
  public void close() {
    try {
      Uninterrupted.run(() -> Mounts.unmountBelow(folders.root()));
    } catch (IOException e) {
      LOG.warn("Cannot unmount everything below \"{}\"", folders.root(), e);
    }
    overlay.close();
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
      return overlay.seen(merged);
    }

    @Override
    public void close() {
      overlay.detach(merged);
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
    private final Path merged;
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
      this.merged = folder.resolve("merged");
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
      // The root directory itself is not merged: it is the upper layer's.
      trees.copyOwnerAndMode(lower.getFirst(), upper);
      Path work = folder.resolve("work");
      folders.createFolder(work);
      folders.createFolder(merged);
      // Before it is: a command may mount it and be killed then.
      mounted = true;
      overlay.mount(lower, upper, work, merged);
      rootfs = overlay.seen(merged);
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
      commitAs(id);
    }

    @Override
    public void commitAs(SnapshotId other) throws IOException, InterruptedException {
      boolean whole = !mounted;
      if (mounted) {
        if (layers >= Overlay.LAYERS_MAX) {
          trees.copy(rootfs, folder.resolve("whole"));
          whole = true;
        }
        overlay.unmount(merged);
        mounted = false;
        if (whole) {
          folders.discard(upper);
          trees.move(folder.resolve("whole"), upper);
        }
      }
      folders.describe(result, base, whole);
      folders.commit(result, other);
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      if (mounted) {
        overlay.detach(merged);
      }
      try {
        Uninterrupted.run(() -> folders.discard(folder));
      } catch (IOException e) {
        LOG.warn("Cannot remove \"{}\"; the next start does", folder, e);
      }
    }
  }
}
