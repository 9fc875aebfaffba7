package dev.millrace.opam;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millrace.base.TaskScope;
import dev.millrace.opam.IndexSnapshot.TermsById;
import dev.millrace.opam.IndexSnapshot.Version;
import dev.millrace.opam.IndexSnapshot.Versions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;

/**
 * Brings an index up to a commit: only trees that the index does not know are read, and only files
 * that it does not know are parsed, on as many threads as there are processors.
 *
 * <p>A tree that cannot be read ends it, with the object's id; a file that cannot be read is left
 * out of the index, so that whoever asks for it gets the failure.
 */
final class GitPackages {
  private static final Comparator<Version> ORDER =
      Comparator.comparing(Version::version, PackageVersion.LISTING);

  /** How many packages a task reads: many enough to even out, few enough to keep all busy. */
  private static final int BATCH = 64;

  private final Repository repository;
  private final IndexSnapshot base;

  private GitPackages(Repository repository, IndexSnapshot base) {
    this.repository = repository;
    this.base = base;
  }

  private record Child(String name, int mode, ObjectName id) {
    boolean isDirectory() {
      return FileMode.TREE.equals(mode);
    }

    boolean isFile() {
      return FileMode.REGULAR_FILE.equals(mode) || FileMode.EXECUTABLE_FILE.equals(mode);
    }
  }

  /** What the index says of a commit, made from what {@code base} knows. */
  static IndexSnapshot advance(GitTree tree, IndexSnapshot base) throws InterruptedException {
    return new GitPackages(tree.repository(), base).advance(name(tree.commit()), name(tree.root()));
  }

  private IndexSnapshot advance(ObjectName commit, ObjectName root) throws InterruptedException {
    List<Child> packages;
    ObjectName tree;
    try (ObjectReader reader = repository.newObjectReader()) {
      Optional<Child> directory = find(read(reader, root, ""), "packages");
      if (directory.isEmpty() || !directory.get().isDirectory()) {
        return new IndexSnapshot(commit, ObjectName.NONE, Map.of(), base.terms());
      }
      tree = directory.get().id();
      if (tree.equals(base.packages())) {
        return new IndexSnapshot(commit, tree, base.names(), base.terms());
      }
      packages = read(reader, tree, "packages");
    }
    Map<String, Versions> names = HashMap.newHashMap(packages.size());
    List<Child> unknown = new ArrayList<>();
    for (Child child : packages) {
      if (!child.isDirectory() || PackageName.find(child.name()).isEmpty()) {
        continue;
      }
      Versions known = base.names().get(child.name());
      if (known != null && known.tree().equals(child.id())) {
        names.put(child.name(), known);
      } else {
        unknown.add(child);
      }
    }
    names.putAll(readAll(unknown));
    return new IndexSnapshot(commit, tree, names, base.terms());
  }

  private static Optional<Child> find(List<Child> children, String name) {
    return children.stream().filter(child -> child.name().equals(name)).findFirst();
  }

  private Map<String, Versions> readAll(List<Child> packages) throws InterruptedException {
    if (packages.size() <= BATCH) {
      return readBatch(packages);
    }
    Map<String, Versions> result = new HashMap<>();
    try (TaskScope scope =
        TaskScope.open("opam-index", Math.max(1, Runtime.getRuntime().availableProcessors()))) {
      List<TaskScope.Task<Map<String, Versions>>> tasks = new ArrayList<>();
      for (int from = 0; from < packages.size(); from += BATCH) {
        List<Child> batch = packages.subList(from, Math.min(from + BATCH, packages.size()));
        tasks.add(scope.fork(() -> readBatch(batch)));
      }
      scope.join();
      tasks.forEach(task -> result.putAll(task.result()));
    } catch (TaskScope.TaskFailedException e) {
      if (e.getCause() instanceof UncheckedIOException cause) {
        throw new UncheckedIOException(cause.getMessage(), cause.getCause());
      }
      throw e;
    }
    return result;
  }

  private Map<String, Versions> readBatch(List<Child> packages) throws InterruptedException {
    Map<String, Versions> result = new HashMap<>();
    try (ObjectReader reader = repository.newObjectReader()) {
      for (Child directory : packages) {
        if (Thread.interrupted()) {
          throw new InterruptedException("The reading of " + repository + " was cancelled");
        }
        result.put(directory.name(), readPackage(reader, directory));
      }
    }
    return result;
  }

  private Versions readPackage(ObjectReader reader, Child directory) {
    PackageName name = new PackageName(directory.name());
    String path = "packages/" + name;
    List<Version> versions = new ArrayList<>();
    for (Child child : read(reader, directory.id(), path)) {
      Optional<Package> found =
          Package.find(child.name())
              .filter(candidate -> child.isDirectory() && candidate.name().equals(name));
      if (found.isEmpty()) {
        continue;
      }
      String inner = path + "/" + child.name();
      Optional<Child> file = find(read(reader, child.id(), inner), "opam").filter(Child::isFile);
      if (file.isPresent()) {
        versions.add(new Version(found.get().version(), file.get().id()));
        index(reader, file.get().id(), inner + "/opam");
      }
    }
    versions.sort(ORDER);
    return new Versions(directory.id(), versions);
  }

  private void index(ObjectReader reader, ObjectName file, String path) {
    TermsById terms = base.terms();
    if (terms.knows(file)) {
      return;
    }
    byte[] bytes;
    try {
      bytes = reader.open(id(file), Constants.OBJ_BLOB).getBytes(GitTree.FILE_MAX);
    } catch (IOException | LargeObjectException _) {
      return;
    }
    Optional<PackageTerms> found;
    try {
      found = Optional.of(PackageTerms.parse(bytes, path));
    } catch (OpamParseException _) {
      found = Optional.empty();
    }
    terms.add(file, found);
  }

  private List<Child> read(ObjectReader reader, ObjectName tree, String path) {
    byte[] bytes;
    try {
      bytes = reader.open(id(tree), Constants.OBJ_TREE).getCachedBytes(GitTree.FILE_MAX);
    } catch (IOException | LargeObjectException e) {
      throw GitTree.damaged(path.isEmpty() ? "the root" : path, id(tree), repository, e);
    }
    List<Child> children = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int mode = 0;
      while (at < bytes.length && bytes[at] != ' ') {
        mode = (mode << 3) + (bytes[at++] - '0');
      }
      int start = ++at;
      while (at < bytes.length && bytes[at] != 0) {
        at++;
      }
      if (at + 1 + ObjectName.LENGTH > bytes.length) {
        throw GitTree.damaged(
            path, id(tree), repository, new CorruptObjectException(id(tree), "it is cut off"));
      }
      String name = new String(bytes, start, at - start, ISO_8859_1);
      children.add(new Child(name, mode, ObjectName.read(bytes, at + 1)));
      at += 1 + ObjectName.LENGTH;
    }
    return children;
  }

  private static ObjectId id(ObjectName name) {
    return ObjectId.fromString(name.toString());
  }

  private static ObjectName name(ObjectId id) {
    return ObjectName.parse(id.name());
  }
}
