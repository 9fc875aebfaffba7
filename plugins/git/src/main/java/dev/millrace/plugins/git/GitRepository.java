package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
  private static final int TITLE_MAX = 200;
  private static final int PATH_BYTES_MAX = 4096;

  static {
    SystemSettings.install();
  }

  private final Repository repository;
  private final Path directory;
  private final String inside;
  private final GitLimits limits;

  private GitRepository(Repository repository, Path directory, String inside, GitLimits limits) {
    this.repository = repository;
    this.directory = directory;
    this.inside = inside;
    this.limits = limits;
  }

  /**
   * Opens the project in {@code directory}: a work tree, a directory inside one, or a bare
   * repository.
   *
   * @throws GitException if there is none, said in words for users
   */
  public static GitRepository open(Path directory) {
    return open(directory, GitLimits.DEFAULT);
  }

  /** Opens a project as {@link #open(Path)} does, with other limits. */
  public static GitRepository open(Path directory, GitLimits limits) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (!Files.exists(absolute)) {
      throw new GitException(
          "Cannot use \"%s\" as a project: there is no such directory".formatted(directory));
    }
    if (!Files.isDirectory(absolute)) {
      throw new GitException(
          "Cannot use \"%s\" as a project: it is not a directory".formatted(directory));
    }
    return JGitCalls.read(
        "the git repository of \"%s\"".formatted(absolute),
        () -> {
          Path real = absolute.toRealPath();
          Repository repository = openGitDirectory(findGitDirectory(real, directory));
          try {
            return new GitRepository(repository, absolute, inside(repository, real), limits);
          } catch (IOException | RuntimeException e) {
            repository.close();
            throw e;
          }
        });
  }

  private static Path findGitDirectory(Path real, Path asGiven) throws IOException {
    GitDirectoryCheck.checkAround(real);
    FileRepositoryBuilder builder = new FileRepositoryBuilder();
    builder.findGitDir(real.toFile());
    if (builder.getGitDir() == null) {
      throw new GitException(
          "Cannot use \"%s\" as a project: it is not in a git repository (run \"git init\" there and commit)"
              .formatted(asGiven));
    }
    Path found = builder.getGitDir().toPath().normalize();
    if (!Files.isDirectory(found)) {
      throw new GitException(
          "Cannot use \"%s\" as a project: its git directory \"%s\" is gone (run \"git worktree repair\" in the repository that it belongs to)"
              .formatted(asGiven, Printable.of(found.toString())));
    }
    return found;
  }

  /** Opens a git directory after a look at what it is made of. */
  static Repository openGitDirectory(Path gitDirectory) throws IOException {
    checkGitDirectory(gitDirectory);
    return new FileRepositoryBuilder().setMustExist(true).setGitDir(gitDirectory.toFile()).build();
  }

  static void checkGitDirectory(Path gitDirectory) throws IOException {
    GitDirectoryCheck.check(gitDirectory, commonDirectory(gitDirectory));
  }

  private static String inside(Repository repository, Path real) throws IOException {
    if (repository.isBare()) {
      return "";
    }
    Path workTree = repository.getWorkTree().toPath();
    if (!Files.isDirectory(workTree)) {
      return "";
    }
    workTree = workTree.toRealPath();
    return real.startsWith(workTree) ? workTree.relativize(real).toString() : "";
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
   * The commit that a ref or hash names; of an annotated tag, the commit that it is put on.
   *
   * @throws GitException if there is none
   */
  public Commit commit(String revision) {
    return JGitCalls.read(
        "%s in the git repository of \"%s\"".formatted(Printable.of(revision), directory),
        () -> {
          Ref ref = repository.exactRef(revision);
          ObjectId id = ref != null ? ref.getObjectId() : repository.resolve(revision);
          if (id == null) {
            throw nothing(revision);
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
                title(commit));
          }
        });
  }

  private GitException nothing(String revision) {
    return new GitException(
        revision.equals(Constants.HEAD)
            ? "The git repository of \"%s\" has no commits yet (commit something first)"
                .formatted(directory)
            : "There is no \"%s\" in the git repository of \"%s\""
                .formatted(Printable.of(revision), directory));
  }

  private static String title(RevCommit commit) {
    String title = commit.getShortMessage();
    return Printable.of(title.length() <= TITLE_MAX ? title : title.substring(0, TITLE_MAX) + "…");
  }

  private ObjectId projectTree(ObjectReader reader, RevCommit commit) throws IOException {
    if (inside.isEmpty()) {
      return commit.getTree();
    }
    try (@Nullable TreeWalk walk = TreeWalk.forPath(reader, inside, commit.getTree())) {
      if (walk == null || !walk.getFileMode(0).equals(FileMode.TREE)) {
        throw new GitException(
            "The directory \"%s\" is not part of commit %s of its git repository (commit it first)"
                .formatted(directory, commit.name().substring(0, 7)));
      }
      return walk.getObjectId(0);
    }
  }

  /**
   * Writes the files of a commit's project into a directory that must be empty or absent, bit for
   * bit as committed: no filter, conversion or substitution is applied. If it fails, the directory
   * is empty.
   *
   * @throws GitException if the tree breaks a limit, has names that could lead outside, or needs a
   *     submodule that is not at hand
   * @throws IOException if it cannot be written
   */
  public void export(Commit commit, Path target) throws IOException, InterruptedException {
    try (SourceModule.Opened opened = new SourceModule.Opened()) {
      SourceModule root =
          JGitCalls.read(
              "commit %s".formatted(commit.hash()),
              () ->
                  SourceModule.root(repository, ObjectId.fromString(commit.hash().hex()), opened));
      new TreeExport(target, limits)
          .write(root, ObjectId.fromString(commit.tree().hex()), commit.directory());
    }
  }

  /**
   * The directories in which something changes when the head may have moved: that of {@code HEAD},
   * that of {@code packed-refs}, and those from {@code refs} down to the head's own ref, as far as
   * they are there.
   */
  List<Path> watchedDirectories() {
    Set<Path> directories = new LinkedHashSet<>();
    Path git = gitDirectory();
    Path common = commonDirectory(git);
    directories.add(git);
    directories.add(common);
    directories.add(common.resolve("reftable"));
    Path ref = headRef(common);
    for (Path at = ref.getParent(); at != null && at.startsWith(common); at = at.getParent()) {
      directories.add(at);
    }
    return directories.stream().filter(Files::isDirectory).toList();
  }

  private static Path commonDirectory(Path git) {
    Path file = git.resolve("commondir");
    try (InputStream in =
        Files.isRegularFile(file) ? Files.newInputStream(file) : InputStream.nullInputStream()) {
      String text = new String(in.readNBytes(PATH_BYTES_MAX), UTF_8).strip();
      return text.isEmpty() ? git : git.resolve(text).normalize();
    } catch (IOException | InvalidPathException e) {
      return git;
    }
  }

  private Path headRef(Path common) {
    try {
      Ref head = repository.exactRef(Constants.HEAD);
      String name = head != null && head.isSymbolic() ? head.getTarget().getName() : "refs/heads/x";
      return common.resolve(name).normalize();
    } catch (IOException | RuntimeException e) {
      // Reading the head will say what is wrong with it.
      return common.resolve("refs/heads/x");
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}
