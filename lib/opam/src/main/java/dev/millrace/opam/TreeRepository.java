package dev.millrace.opam;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A repository in a tree of files. */
final class TreeRepository implements OpamRepository {
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
    while (!pending.isEmpty()) {
      String path = pending.removeLast();
      for (FileTree.Entry entry : tree.list(root + path)) {
        String inner = path + "/" + entry.name();
        if (entry.isDirectory()) {
          pending.add(inner);
        } else {
          tree.read(root + inner).ifPresent(bytes -> files.put(inner.substring(1), bytes));
        }
      }
    }
    return Collections.unmodifiableMap(files);
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
