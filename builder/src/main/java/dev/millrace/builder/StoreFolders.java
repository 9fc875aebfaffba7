package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a store: the only class that knows where things lie.
 *
 * <pre>
 *   lock            held by the process that uses the store
 *   result/ID/      a snapshot: rootfs/, base (the id it was begun from), log, env …;
 *                   "whole" is there if rootfs/ needs no base to be read
 *   draft/N-NAME/   what is not committed yet: result/ as above, work/, merged/
 *   cache/c-NAME/   named caches, see NamedCaches
 *   trash/N         what is being deleted
 * </pre>
 *
 * <p>Everything in {@code draft} and {@code trash} is left from a process that died, when the store
 * is opened. For root, folders can be entered by the group of a step's root and by nobody else: a
 * sandbox must reach its root file system as that user, and people must not reach set-uid files.
 *
 * <p>Thread-safe.
 */
final class StoreFolders implements AutoCloseable {
  private static final String BASE = "base";
  private static final String WHOLE = "whole";

  private final Path root;
  private final StepTrees trees;
  private final @Nullable Integer group;
  private final DirectoryLock lock;
  private final AtomicLong numbers = new AtomicLong();

  private StoreFolders(Path root, StepTrees trees, @Nullable Integer group, DirectoryLock lock) {
    this.root = root;
    this.trees = trees;
    this.group = group;
    this.lock = lock;
  }

  /**
   * Takes the store's lock and removes what a killed process left behind.
   *
   * @throws BuilderException if another process uses the store
   */
  static StoreFolders open(Path root, StepTrees trees) throws IOException, InterruptedException {
    Integer group = UserIds.isRoot() ? (Integer) trees.hostId(0) : null;
    Files.createDirectories(root.toAbsolutePath());
    Path real = root.toRealPath();
    DirectoryLock lock = DirectoryLock.take(real, "the store");
    try {
      StoreFolders folders = new StoreFolders(real, trees, group, lock);
      folders.recover();
      return folders;
    } catch (IOException | InterruptedException | BuilderException e) {
      lock.close();
      throw e;
    }
  }

  private void recover() throws IOException, InterruptedException {
    restrict(root);
    Mounts.unmountBelow(root);
    for (String name : List.of("result", "draft", "cache", "trash")) {
      Path folder = root.resolve(name);
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(folder);
      }
      restrict(folder);
    }
    for (String name : List.of("draft", "trash")) {
      for (Path left : children(root.resolve(name))) {
        trees.delete(left);
      }
    }
  }

  /** Lets nobody in but the owner and, as root, the root of steps. */
  private void restrict(Path folder) throws IOException {
    Files.setPosixFilePermissions(
        folder, PosixFilePermissions.fromString(group == null ? "rwx------" : "rwx--x---"));
    if (group != null) {
      Files.setAttribute(folder, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
    }
  }

  Path root() {
    return root;
  }

  Path result(SnapshotId id) {
    return root.resolve("result").resolve(id.hex());
  }

  Path rootfs(SnapshotId id) {
    return result(id).resolve("rootfs");
  }

  Path cache(String name) {
    return root.resolve("cache").resolve(CacheNames.fileName(name));
  }

  boolean contains(SnapshotId id) {
    return Files.isDirectory(result(id), LinkOption.NOFOLLOW_LINKS);
  }

  /** A new folder of its own for something unfinished. */
  Path createDraft(String name) throws IOException {
    Path draft = root.resolve("draft").resolve(numbers.incrementAndGet() + "-" + name);
    createFolder(draft);
    return draft;
  }

  /** A folder that only the owner and the root of steps can enter. */
  void createFolder(Path folder) throws IOException {
    Files.createDirectory(folder);
    restrict(folder);
  }

  /** Notes what a future snapshot stands on. */
  void describe(Path result, Optional<SnapshotId> base, boolean whole) throws IOException {
    if (base.isPresent()) {
      Files.writeString(result.resolve(BASE), base.get().hex() + "\n");
    }
    if (whole && base.isPresent()) {
      Files.createFile(result.resolve(WHOLE));
    }
  }

  /** Makes a folder the snapshot, durably: first all that it holds, then its name. */
  void commit(Path result, SnapshotId id) throws IOException {
    Linux.syncFileSystem(root);
    Files.move(result, result(id), StandardCopyOption.ATOMIC_MOVE);
    Linux.syncDirectory(root.resolve("result"));
  }

  /** Removes a folder at once from sight and then for good. */
  void discard(Path folder) throws IOException, InterruptedException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path trash = root.resolve("trash").resolve(Long.toString(numbers.incrementAndGet()));
      trees.move(folder, trash);
      trees.delete(trash);
    }
  }

  List<Store.Stored> list() throws IOException {
    List<Store.Stored> all = new ArrayList<>();
    for (Path folder : children(root.resolve("result"))) {
      SnapshotId id = new SnapshotId(folder.getFileName().toString());
      all.add(new Store.Stored(id, base(id)));
    }
    all.sort(Comparator.comparing(stored -> stored.id().hex()));
    return all;
  }

  /** What a snapshot was begun from. */
  Optional<SnapshotId> base(SnapshotId id) throws IOException {
    Path file = result(id).resolve(BASE);
    return Files.exists(file)
        ? Optional.of(new SnapshotId(Files.readString(file).strip()))
        : Optional.empty();
  }

  /**
   * The root file systems that make up a snapshot, the snapshot's own first.
   *
   * @throws BuilderException if one of them is not there
   */
  List<Path> layers(SnapshotId id) throws IOException {
    List<Path> layers = new ArrayList<>();
    SnapshotId next = id;
    while (true) {
      requirePresent(next);
      layers.add(rootfs(next));
      if (isWhole(next)) {
        return layers;
      }
      next = base(next).orElseThrow();
    }
  }

  /** Whether a snapshot that is there needs no other one to be read. */
  boolean isWhole(SnapshotId id) throws IOException {
    return base(id).isEmpty() || Files.exists(result(id).resolve(WHOLE));
  }

  void requirePresent(SnapshotId id) {
    if (!contains(id)) {
      throw new BuilderException(
          "Snapshot %s is not in the store \"%s\": build it again".formatted(id, root), null);
    }
  }

  Store.Space space() throws IOException {
    FileStore disk = Files.getFileStore(root);
    return new Store.Space(disk.getUsableSpace(), disk.getTotalSpace());
  }

  static List<Path> children(Path folder) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      List<Path> all = new ArrayList<>();
      stream.forEach(all::add);
      return all;
    }
  }

  @Override
  public void close() {
    lock.close();
  }
}
