package dev.millrace.opam;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens commits of git repositories of packages fast: what the files of a commit say is kept, in
 * memory and in a file, and a later commit costs what changed.
 *
 * <p>The file is a cache. It is checked when it is read and made anew when it is missing or
 * damaged; that it cannot be written is logged and otherwise nobody's business. Thread-safe;
 * repositories that were opened stay good when others are.
 */
public final class OpamIndex {
  /** How many files may have been added before those that no commit holds are let go. */
  private static final int ADDED_MAX = 50_000;

  /** How many git repositories an index remembers. */
  private static final int REPOSITORIES_MAX = 64;

  private static final long FILES_MAX = 2_000;

  /**
   * How many new files make it worth to write the file again while the process goes on. The first
   * commit that a process opens is always written, so that the next process finds it.
   */
  private static final int WORTH_WRITING = 100;

  private final Optional<Path> directory;
  private final Object lock = new Object();

  // Read and written under the lock only.
  private @Nullable OpamFileCache files;

  private final ConcurrentHashMap<Path, IndexSnapshot> snapshots = new ConcurrentHashMap<>();

  private OpamIndex(Optional<Path> directory) {
    this.directory = directory;
  }

  /** An index that is kept in files below this directory, which is made when needed. */
  public static OpamIndex in(Path directory) {
    return new OpamIndex(Optional.of(directory));
  }

  /** An index that is kept in memory only. */
  public static OpamIndex inMemory() {
    return new OpamIndex(Optional.empty());
  }

  /**
   * Opens a commit of a git repository, bare or with a work tree, which is not looked at.
   *
   * @param revision a commit, or what stands for one, such as {@code HEAD}
   * @throws java.io.UncheckedIOException if there is no such repository or commit, or an object of
   *     it is missing or damaged
   */
  public OpamRepository open(Path path, String revision) throws InterruptedException {
    Optional<Path> directory = GitHead.directory(path);
    if (directory.isPresent()) {
      Optional<ObjectName> commit = GitHead.find(directory.get(), revision);
      IndexSnapshot known = base(key(directory.get()));
      if (commit.isPresent() && commit.get().equals(known.commit())) {
        return repository(path, known, () -> GitTree.open(path, known.commit().toString()));
      }
    }
    GitTree tree = GitTree.open(path, revision);
    try {
      Path key = key(tree.repository().getDirectory().toPath());
      IndexSnapshot base = base(key);
      IndexSnapshot index = GitPackages.advance(tree, base);
      keep(key, index);
      return repository(path, index, () -> tree);
    } catch (InterruptedException | RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  private IndexedRepository repository(Path path, IndexSnapshot index, Supplier<GitTree> tree) {
    return new IndexedRepository(path, index, () -> new TreeRepository(tree.get(), files()));
  }

  private OpamFileCache files() {
    synchronized (lock) {
      OpamFileCache known = files;
      if (known == null) {
        known = OpamFileCache.create(FILES_MAX);
        files = known;
      }
      return known;
    }
  }

  private static Path key(Path gitDirectory) {
    return gitDirectory.toAbsolutePath().normalize();
  }

  private IndexSnapshot base(Path key) {
    IndexSnapshot known = snapshots.get(key);
    if (known == null) {
      known = file(key).flatMap(IndexFile::read).orElseGet(IndexSnapshot::empty);
      snapshots.putIfAbsent(key, known);
    }
    return known;
  }

  private void keep(Path key, IndexSnapshot index) {
    IndexSnapshot kept = index.terms().added() > ADDED_MAX ? index.compacted() : index;
    if (snapshots.size() > REPOSITORIES_MAX) {
      snapshots.clear();
    }
    snapshots.put(key, kept);
    if (index.terms().isWorthWriting(WORTH_WRITING)) {
      file(key).ifPresent(file -> write(file, kept));
    }
  }

  private static void write(Path file, IndexSnapshot index) {
    try {
      IndexFile.write(file, index);
    } catch (IOException e) {
      // Not earlier: bringing up the logging takes longer than reading an index.
      Logger log = LoggerFactory.getLogger(OpamIndex.class);
      log.atWarn().addKeyValue("file", file).setCause(e).log("Cannot keep the index of packages");
    }
  }

  private Optional<Path> file(Path key) {
    String digest = TreeDigest.of(List.of(key.toString()));
    String name = digest.substring(digest.indexOf(':') + 1).substring(0, 32);
    return directory.map(inside -> inside.resolve("opam-index-" + name));
  }
}
