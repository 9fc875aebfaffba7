package dev.millrace.opam;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/** The tree of a commit, read from the object database; directories are kept once read. */
final class GitTree implements FileTree {
  /** The largest file that is read, in bytes. */
  static final int FILE_MAX = 64 * 1024 * 1024;

  private record Node(ObjectId id, boolean isDirectory) {}

  private final Repository repository;
  private final ObjectId commit;
  private final ObjectId root;
  private final ConcurrentMap<String, Map<String, Node>> directories = new ConcurrentHashMap<>();

  private GitTree(Repository repository, ObjectId commit, ObjectId root) {
    this.repository = repository;
    this.commit = commit;
    this.root = root;
  }

  /** Opens a commit of a repository, bare or with a work tree. */
  static GitTree open(Path path, String revision) {
    try {
      Path dotGit = path.resolve(Constants.DOT_GIT);
      File directory = (Files.exists(dotGit) ? dotGit : path).toFile();
      Repository repository =
          new FileRepositoryBuilder()
              .setGitDir(Files.isRegularFile(directory.toPath()) ? null : directory)
              .setWorkTree(Files.isRegularFile(directory.toPath()) ? path.toFile() : null)
              .setMustExist(true)
              .build();
      try {
        return open(repository, revision);
      } catch (IOException | RuntimeException e) {
        repository.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot open the commit %s of the git repository %s: %s"
              .formatted(revision, path, e.getMessage()),
          e);
    }
  }

  private static GitTree open(Repository repository, String revision) throws IOException {
    try (var walk = new RevWalk(repository)) {
      ObjectId commit = repository.resolve(revision + "^{commit}");
      if (commit != null) {
        return new GitTree(repository, commit, walk.parseCommit(commit).getTree().getId());
      }
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      throw new IOException("it has no such commit; fetch it first", e);
    }
    throw new IOException("it has no such commit; fetch it first");
  }

  Repository repository() {
    return repository;
  }

  ObjectId commit() {
    return commit;
  }

  /** The commit's tree. */
  ObjectId root() {
    return root;
  }

  /** What to throw for an object that is missing or damaged. */
  static UncheckedIOException damaged(
      String path, ObjectId object, Repository repository, Exception cause) {
    String reason = String.valueOf(cause.getMessage());
    return new UncheckedIOException(
        new IOException(
            "Cannot read %s (object %s) of the git repository %s: %s; mend it with git fsck, or fetch it again"
                .formatted(path, object.name(), repository.getDirectory(), reason),
            cause));
  }

  @Override
  public List<Entry> list(String path) {
    return directory(path).entrySet().stream()
        .map(entry -> new Entry(entry.getKey(), entry.getValue().isDirectory()))
        .sorted(Comparator.comparing(Entry::name))
        .toList();
  }

  private Map<String, Node> directory(String path) {
    Map<String, Node> known = directories.get(path);
    if (known == null) {
      known = readDirectory(path);
      directories.put(path, known);
    }
    return known;
  }

  private Map<String, Node> readDirectory(String path) {
    Optional<ObjectId> id =
        path.isEmpty() ? Optional.of(root) : find(path).filter(Node::isDirectory).map(Node::id);
    if (id.isEmpty()) {
      return Map.of();
    }
    var nodes = new TreeMap<String, Node>();
    try (ObjectReader reader = repository.newObjectReader()) {
      var entries = new CanonicalTreeParser(null, reader, id.get());
      while (!entries.eof()) {
        FileMode mode = entries.getEntryFileMode();
        boolean isDirectory = FileMode.TREE.equals(mode.getBits());
        if (isDirectory
            || FileMode.REGULAR_FILE.equals(mode.getBits())
            || FileMode.EXECUTABLE_FILE.equals(mode.getBits())) {
          nodes.put(
              entries.getEntryPathString(), new Node(entries.getEntryObjectId(), isDirectory));
        }
        entries.next();
      }
    } catch (IOException e) {
      throw damaged(path.isEmpty() ? "the root" : path, id.get(), repository, e);
    }
    return nodes;
  }

  private Optional<Node> find(String path) {
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    return Optional.ofNullable(directory(parent).get(path.substring(slash + 1)));
  }

  @Override
  public Optional<String> findContentId(String path) {
    return find(path).filter(node -> !node.isDirectory()).map(node -> node.id().name());
  }

  @Override
  public Optional<byte[]> read(String path) {
    Optional<Node> node = find(path).filter(found -> !found.isDirectory());
    if (node.isEmpty()) {
      return Optional.empty();
    }
    try (ObjectReader reader = repository.newObjectReader()) {
      return Optional.of(reader.open(node.get().id(), Constants.OBJ_BLOB).getBytes(FILE_MAX));
    } catch (IOException | LargeObjectException e) {
      throw damaged(path, node.get().id(), repository, e);
    }
  }

  @Override
  public String identity() {
    return commit.name();
  }

  @Override
  public void close() {
    repository.close();
  }

  @Override
  public String toString() {
    return repository.getDirectory() + " at " + commit.name();
  }
}
