package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.BlobBasedConfig;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/**
 * Writes a tree's files into a fresh directory.
 *
 * <p>A tree is data from strangers: a name may be {@code ..} or {@code .GIT}, the same name may
 * come twice (as a link and as a directory below it), there may be millions of entries. Every name
 * is checked as git checks it, directories are made one by one and never through an existing one,
 * files and links only where nothing is yet. No recursion over the tree's depth.
 */
final class TreeExport {
  static final int ENTRIES_MAX = 500_000;
  static final int DEPTH_MAX = 128;
  static final long BYTES_MAX = 4L << 30;
  private static final int LINK_MAX = 4096;
  private static final int GITMODULES_MAX = 1 << 20;

  private final Repository repository;
  private final Path target;
  private final ObjectChecker checker =
      new ObjectChecker().setSafeForMacOS(true).setSafeForWindows(false);
  private final List<Repository> submodules = new ArrayList<>();
  private long bytes;
  private int entries;

  TreeExport(Repository repository, Path target) {
    this.repository = repository;
    this.target = target;
  }

  private record Directory(
      Repository repository, ObjectId tree, Path path, String name, int depth) {}

  void write(ObjectId root, String directoryInRepository) throws IOException {
    Files.createDirectories(target);
    try (var children = Files.list(target)) {
      if (children.findAny().isPresent()) {
        throw new FileAlreadyExistsException(target + " is not empty");
      }
    }
    Deque<Directory> open = new ArrayDeque<>();
    open.push(new Directory(repository, root, target, directoryInRepository, 0));
    try {
      while (!open.isEmpty()) {
        Directory directory = open.pop();
        try (ObjectReader reader = directory.repository.newObjectReader()) {
          writeEntries(reader, directory, open);
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw new GitException(
          "The commit has two entries for \"%s\""
              .formatted(target.relativize(Path.of(e.getFile()))),
          e);
    } finally {
      submodules.forEach(Repository::close);
    }
  }

  private void writeEntries(ObjectReader reader, Directory directory, Deque<Directory> open)
      throws IOException {
    CanonicalTreeParser parser = new CanonicalTreeParser();
    parser.reset(reader, directory.tree);
    for (; !parser.eof(); parser.next(1)) {
      String name = checkedName(parser);
      Path path = directory.path.resolve(name);
      String inRepository = directory.name.isEmpty() ? name : directory.name + "/" + name;
      FileMode mode = parser.getEntryFileMode();
      if (mode.equals(FileMode.TREE)) {
        Files.createDirectory(path);
        open.push(
            checkedDepth(
                new Directory(
                    directory.repository,
                    parser.getEntryObjectId(),
                    path,
                    inRepository,
                    directory.depth + 1)));
      } else if (mode.equals(FileMode.SYMLINK)) {
        Files.createSymbolicLink(
            path, Path.of(linkTarget(reader, parser.getEntryObjectId(), path)));
      } else if (mode.equals(FileMode.GITLINK)) {
        Files.createDirectory(path);
        openSubmodule(directory, parser.getEntryObjectId(), path, inRepository, open);
      } else {
        writeFile(reader, parser.getEntryObjectId(), path, mode.equals(FileMode.EXECUTABLE_FILE));
      }
    }
  }

  private String checkedName(CanonicalTreeParser parser) {
    entries++;
    if (entries > ENTRIES_MAX) {
      throw new GitException(
          "The commit has more than %d files, which is the limit".formatted(ENTRIES_MAX), null);
    }
    byte[] raw = new byte[parser.getNameLength()];
    parser.getName(raw, 0);
    try {
      checker.checkPathSegment(raw, 0, raw.length);
    } catch (CorruptObjectException e) {
      throw new GitException(
          "The commit has an entry called \"%s\", which git does not allow: %s"
              .formatted(printable(new String(raw, UTF_8)), e.getMessage()),
          e);
    }
    String name = new String(raw, UTF_8);
    if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
      throw new GitException(
          "The commit has an entry called \"%s\", which is no file name".formatted(printable(name)),
          null);
    }
    return name;
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static Directory checkedDepth(Directory directory) {
    if (directory.depth > DEPTH_MAX) {
      throw new GitException(
          "The commit nests directories deeper than %d, which is the limit".formatted(DEPTH_MAX),
          null);
    }
    return directory;
  }

  private static String linkTarget(ObjectReader reader, ObjectId id, Path path) throws IOException {
    ObjectLoader loader = reader.open(id);
    if (loader.getSize() > LINK_MAX || loader.getSize() == 0) {
      throw new GitException(
          "The symbolic link \"%s\" has a target of %d bytes; 1 to %d are possible"
              .formatted(path.getFileName(), loader.getSize(), LINK_MAX),
          null);
    }
    return new String(loader.getBytes(LINK_MAX), UTF_8);
  }

  private void writeFile(ObjectReader reader, ObjectId id, Path path, boolean executable)
      throws IOException {
    ObjectLoader loader = reader.open(id);
    bytes += loader.getSize();
    if (bytes > BYTES_MAX) {
      throw new GitException(
          "The commit has more than %d GiB of files, which is the limit".formatted(BYTES_MAX >> 30),
          null);
    }
    try (OutputStream out =
        Files.newOutputStream(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      loader.copyTo(out);
    }
    if (executable) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /**
   * A submodule's files come from the copy that git keeps beside the repository; nothing is
   * downloaded.
   */
  private void openSubmodule(
      Directory directory, ObjectId commit, Path path, String inRepository, Deque<Directory> open)
      throws IOException {
    Optional<Path> gitDirectory = submoduleGitDirectory(directory, path);
    if (gitDirectory.isEmpty()) {
      throw new GitException(
          "The submodule \"%s\" is not at hand (run \"git submodule update --init\" in the project)"
              .formatted(inRepository),
          null);
    }
    Repository submodule =
        new FileRepositoryBuilder()
            .setMustExist(true)
            .setGitDir(gitDirectory.get().toFile())
            .build();
    submodules.add(submodule);
    try (RevWalk walk = new RevWalk(submodule)) {
      ObjectId tree = walk.parseCommit(commit).getTree();
      open.push(
          checkedDepth(new Directory(submodule, tree, path, inRepository, directory.depth + 1)));
    } catch (MissingObjectException e) {
      throw new GitException(
          "Commit %s of the submodule \"%s\" is not at hand (run \"git submodule update --init\" in the project)"
              .formatted(commit.name().substring(0, 7), inRepository),
          e);
    }
  }

  private Optional<Path> submoduleGitDirectory(Directory directory, Path path) throws IOException {
    Path modules = directory.repository.getCommonDirectory().toPath().resolve("modules");
    Path file = target.resolve(".gitmodules");
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) > GITMODULES_MAX) {
      return Optional.empty();
    }
    String wanted = target.relativize(path).toString();
    try {
      BlobBasedConfig config = new BlobBasedConfig(null, Files.readAllBytes(file));
      for (String name : config.getSubsections("submodule")) {
        if (wanted.equals(config.getString("submodule", name, "path"))) {
          Path candidate = modules.resolve(name).normalize();
          return candidate.startsWith(modules) && Files.isDirectory(candidate)
              ? Optional.of(candidate)
              : Optional.empty();
        }
      }
    } catch (ConfigInvalidException e) {
      throw new GitException("The commit's .gitmodules cannot be read: " + e.getMessage(), e);
    }
    return Optional.empty();
  }
}
