package dev.millrace.plugins.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/**
 * A local git repository, or one directory of its work tree, as a project to read. Thread-safe;
 * closed by whoever opened it.
 */
public final class GitRepository implements AutoCloseable {
  private final Repository repository;
  private final Path directory;
  private final String inside;

  private GitRepository(Repository repository, Path directory, String inside) {
    this.repository = repository;
    this.directory = directory;
    this.inside = inside;
  }

  /**
   * Opens the project in {@code directory}: a work tree, a directory inside one, or a bare
   * repository.
   *
   * @throws GitException if there is none, said in words for users
   */
  public static GitRepository open(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (!Files.exists(absolute)) {
      throw new GitException(
          "Cannot use \"%s\" as a project: there is no such directory".formatted(directory), null);
    }
    if (!Files.isDirectory(absolute)) {
      throw new GitException(
          "Cannot use \"%s\" as a project: it is not a directory".formatted(directory), null);
    }
    try {
      Path real = absolute.toRealPath();
      FileRepositoryBuilder builder = new FileRepositoryBuilder().setMustExist(true);
      builder.findGitDir(real.toFile());
      if (builder.getGitDir() == null) {
        throw new GitException(
            "Cannot use \"%s\" as a project: it is not in a git repository (run \"git init\" there and commit)"
                .formatted(directory),
            null);
      }
      Repository repository = builder.build();
      if (repository.isBare()) {
        return new GitRepository(repository, absolute, "");
      }
      Path workTree = repository.getWorkTree().toPath().toRealPath();
      String inside = real.startsWith(workTree) ? workTree.relativize(real).toString() : "";
      return new GitRepository(repository, absolute, inside);
    } catch (IOException e) {
      throw unreadable(absolute, e);
    }
  }

  /** Where the project is, as it was given. */
  public Path directory() {
    return directory;
  }

  /** Where the repository keeps its objects and refs. */
  public Path gitDirectory() {
    return repository.getDirectory().toPath();
  }

  /**
   * The commit that {@code HEAD} names now.
   *
   * @throws GitException if there is no commit yet, or the project's directory is not part of it
   */
  public Commit head() {
    return commit(Constants.HEAD);
  }

  /**
   * The commit that a ref or hash names.
   *
   * @throws GitException if there is none
   */
  public Commit commit(String revision) {
    try {
      Ref ref = repository.exactRef(revision);
      ObjectId id = ref != null ? ref.getObjectId() : repository.resolve(revision);
      if (id == null) {
        throw new GitException(
            revision.equals(Constants.HEAD)
                ? "The git repository of \"%s\" has no commits yet (commit something first)"
                    .formatted(directory)
                : "There is no \"%s\" in the git repository of \"%s\""
                    .formatted(revision, directory),
            null);
      }
      try (RevWalk walk = new RevWalk(repository)) {
        RevCommit commit = walk.parseCommit(id);
        String name = ref == null ? revision : ref.getTarget().getName();
        return new Commit(
            gitDirectory(),
            inside,
            new CommitHash(commit.name()),
            new CommitHash(projectTree(walk.getObjectReader(), commit).name()),
            name,
            commit.getShortMessage());
      }
    } catch (IOException e) {
      throw unreadable(directory, e);
    }
  }

  private ObjectId projectTree(ObjectReader reader, RevCommit commit) throws IOException {
    if (inside.isEmpty()) {
      return commit.getTree();
    }
    try (@Nullable TreeWalk walk = TreeWalk.forPath(reader, inside, commit.getTree())) {
      if (walk == null || !walk.getFileMode(0).equals(FileMode.TREE)) {
        throw new GitException(
            "The directory \"%s\" is not part of commit %s of its git repository (commit it first)"
                .formatted(directory, commit.name().substring(0, 7)),
            null);
      }
      return walk.getObjectId(0);
    }
  }

  /**
   * Writes the files of a commit's project into a directory that must be empty or absent, bit for
   * bit as committed.
   *
   * @throws GitException if the tree breaks a limit, has names that could lead outside, or needs a
   *     submodule that is not at hand
   */
  public void export(Commit commit, Path target) throws IOException {
    new TreeExport(repository, target)
        .write(ObjectId.fromString(commit.tree().hex()), commit.directory());
  }

  /** The names of the refs and files whose change may mean a new head; for watching. */
  List<Path> watchedDirectories() {
    List<Path> directories = new ArrayList<>();
    Path git = gitDirectory();
    directories.add(git);
    Path common = commonDirectory(git);
    if (!common.equals(git)) {
      directories.add(common);
    }
    Path ref = headRef(git, common);
    if (ref.getParent() != null && Files.isDirectory(ref.getParent())) {
      directories.add(ref.getParent());
    }
    return directories;
  }

  private static Path commonDirectory(Path git) {
    try {
      Path file = git.resolve("commondir");
      return Files.exists(file) ? git.resolve(Files.readString(file).strip()).normalize() : git;
    } catch (IOException e) {
      return git;
    }
  }

  private Path headRef(Path git, Path common) {
    try {
      Ref head = repository.exactRef(Constants.HEAD);
      return head != null && head.isSymbolic()
          ? common.resolve(head.getTarget().getName())
          : git.resolve(Constants.HEAD);
    } catch (IOException e) {
      return git.resolve(Constants.HEAD);
    }
  }

  Repository jgit() {
    return repository;
  }

  private static GitException unreadable(Path directory, IOException e) {
    return new GitException(
        "Cannot read the git repository of \"%s\": %s".formatted(directory, e.getMessage()), e);
  }

  @Override
  public void close() {
    repository.close();
  }
}
