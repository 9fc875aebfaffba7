package dev.millrace.opam;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A repository in a tree of files. */
final class TreeRepository implements OpamRepository {
  /** The most files and directories beside one package's own, and the most bytes of them. */
  private static final int PACKAGE_FILES_MAX = 1_000;

  private static final long PACKAGE_BYTES_MAX = 64 << 20;

  private final FileTree tree;
  private final OpamFileCache cache;

  TreeRepository(FileTree tree, OpamFileCache cache) {
    this.tree = tree;
    this.cache = cache;
  }

  @Override
  public List<PackageName> listNames() {
    return tree.list("packages").stream()
        .filter(FileTree.Entry::isDirectory)
        .flatMap(entry -> PackageName.find(entry.name()).stream())
        .sorted()
        .toList();
  }

  @Override
  public List<PackageVersion> listVersions(PackageName name) {
    var versions = new ArrayList<PackageVersion>();
    for (FileTree.Entry entry : tree.list("packages/" + name)) {
      Package.find(entry.name())
          .filter(found -> entry.isDirectory() && found.name().equals(name))
          .filter(found -> tree.findContentId(file(found)).isPresent())
          .ifPresent(found -> versions.add(found.version()));
    }
    versions.sort(PackageVersion.LISTING);
    return List.copyOf(versions);
  }

  @Override
  public Optional<OpamFile> find(Package target) {
    String file = file(target);
    return tree.findContentId(file).flatMap(id -> cache.find(id, file, () -> tree.read(file)));
  }

  @Override
  public Optional<byte[]> findBytes(Package target) {
    return tree.read(file(target));
  }

  @Override
  public Map<String, byte[]> listFiles(Package target) {
    String root = directory(target) + "/files";
    var files = new TreeMap<String, byte[]>();
    var pending = new ArrayList<String>(List.of(""));
    int entries = 0;
    long bytes = 0;
    while (!pending.isEmpty()) {
      String path = pending.removeLast();
      for (FileTree.Entry entry : tree.list(root + path)) {
        String inner = path + "/" + entry.name();
        if (++entries > PACKAGE_FILES_MAX) {
          throw tooMuch(target, "more than %d files".formatted(PACKAGE_FILES_MAX));
        }
        if (entry.isDirectory()) {
          pending.add(inner);
          continue;
        }
        Optional<byte[]> content = tree.read(root + inner);
        bytes += content.map(found -> found.length).orElse(0);
        if (bytes > PACKAGE_BYTES_MAX) {
          throw tooMuch(target, "more than %d MiB of files".formatted(PACKAGE_BYTES_MAX >> 20));
        }
        content.ifPresent(found -> files.put(inner.substring(1), found));
      }
    }
    return Collections.unmodifiableMap(files);
  }

  private UncheckedIOException tooMuch(Package target, String what) {
    return new UncheckedIOException(
        new IOException("The package %s of %s has %s".formatted(target, this, what)));
  }

  private static String directory(Package target) {
    return "packages/" + target.name() + "/" + target;
  }

  private static String file(Package target) {
    return directory(target) + "/opam";
  }

  @Override
  public String identity() {
    return tree.identity();
  }

  @Override
  public void close() {
    tree.close();
  }

  @Override
  public String toString() {
    return "opam repository " + tree;
  }
}
