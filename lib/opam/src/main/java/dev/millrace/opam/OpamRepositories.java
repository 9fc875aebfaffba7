package dev.millrace.opam;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Opens repositories of package files. */
public final class OpamRepositories {
  /** Enough for all packages that are published today. */
  private static final long FILES_MAX = 40_000;

  private OpamRepositories() {}

  /**
   * Opens a directory that holds {@code packages/}. It must not change while it is open.
   *
   * @throws IllegalArgumentException if it is no directory
   */
  public static OpamRepository directory(Path path) {
    if (!Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          "Cannot read the opam repository %s: it must be a directory that holds packages/"
              .formatted(path));
    }
    return new TreeRepository(new DirectoryTree(path), OpamFileCache.create(FILES_MAX));
  }

  /**
   * Opens a commit in a git repository, bare or with a work tree, which is not looked at.
   *
   * @throws java.io.UncheckedIOException if there is no such repository or commit
   */
  public static OpamRepository git(Path path, String commit) {
    return git(path, commit, OpamFileCache.create(FILES_MAX));
  }

  /** Opens a commit whose parsed files are taken from, and put into, a shared cache. */
  public static OpamRepository git(Path path, String commit, OpamFileCache cache) {
    return new TreeRepository(GitTree.open(path, commit), cache);
  }

  /**
   * Lays repositories over each other: for each version of a package, the one latest in the list
   * that has it counts; all other versions stay visible. Closing the result closes them.
   */
  public static OpamRepository overlay(List<OpamRepository> repositories) {
    return new OverlayRepository(repositories.reversed());
  }

  /** Returns a repository of these files. */
  public static OpamRepository inMemory(Map<Package, String> files) {
    var paths = new HashMap<String, String>();
    files.forEach(
        (target, text) -> paths.put("packages/" + target.name() + "/" + target + "/opam", text));
    return inMemoryFiles(paths);
  }

  /** Returns a repository of these files, by path from its root. */
  public static OpamRepository inMemoryFiles(Map<String, String> files) {
    var tree = new HashMap<String, byte[]>();
    files.forEach((path, text) -> tree.put(path, OpamText.encode(text)));
    return new TreeRepository(new InMemoryTree(tree), OpamFileCache.create(FILES_MAX));
  }
}
