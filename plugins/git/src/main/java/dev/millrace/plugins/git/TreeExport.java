package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.TemporaryDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree's files into a fresh directory. One thread, once.
 *
 * <p>A tree is data from strangers: a name may be {@code ..} or {@code .GIT}, the same name may
 * come twice (as a link and as a directory below it), a few kilobytes may stand for millions of
 * entries or for terabytes. So the whole tree is walked twice. The first time every name is checked
 * as git checks it, and entries, depth and sizes are held against the limits. Only when all of it
 * is in order it is written: directories are made one by one and never through an existing one,
 * files and links only where nothing is yet, and each object must have the hash that it is named
 * by. No recursion over the tree's depth; nothing is left of a tree that could not be written
 * whole.
 */
final class TreeExport {
  /** The largest directory, in bytes: a million entries with short names. */
  static final int TREE_BYTES_MAX = 40 << 20;

  private static final int LINK_MAX = 4095;
  private static final int NAME_MAX = 255;
  private static final int PATH_MAX = 4095;

  /** What is remembered of small directories and of sizes: bombs name few objects many times. */
  private static final int REMEMBERED_MAX = 4_000;

  private static final int REMEMBERED_TREE_BYTES_MAX = 4 << 10;

  private final Path target;
  private final GitLimits limits;
  private final Map<ObjectId, byte[]> trees = new HashMap<>();
  private final ObjectChecker checker =
      new ObjectChecker().setSafeForMacOS(true).setSafeForWindows(false);
  private int entries;
  private int submodules;

  TreeExport(Path target, GitLimits limits) {
    this.target = target;
    this.limits = limits;
  }

  private record Directory(
      SourceModule module, ObjectId tree, Path path, String inModule, int depth) {}

  /** What is done with the entries of a tree. */
  private interface Visitor {
    void directory(Path path) throws IOException;

    void link(ObjectReader reader, ObjectId id, Path path) throws IOException;

    void file(ObjectReader reader, ObjectId id, Path path, boolean executable)
        throws IOException, InterruptedException;
  }

  /**
   * Writes the tree.
   *
   * @param root the repository that it is from
   * @param directoryInRepository where the tree stands in that repository's root
   */
  void write(SourceModule root, ObjectId tree, String directoryInRepository)
      throws IOException, InterruptedException {
    Files.createDirectories(target);
    if (!isEmpty()) {
      throw new FileAlreadyExistsException(target + " is not empty");
    }
    Directory first = new Directory(root, tree, target, directoryInRepository, 0);
    walk(first, new Check());
    try {
      walk(first, new Write());
    } catch (FileAlreadyExistsException e) {
      removeAll();
      throw twice(Path.of(e.getFile()));
    } catch (IOException | InterruptedException | RuntimeException e) {
      removeAll();
      throw e;
    }
  }

  private boolean isEmpty() throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(target)) {
      return !children.iterator().hasNext();
    }
  }

  private void removeAll() throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(target)) {
      for (Path child : children) {
        TemporaryDirectory.deleteTree(child);
      }
    }
  }

  private void walk(Directory first, Visitor visitor) throws IOException, InterruptedException {
    entries = 0;
    submodules = 0;
    Deque<Directory> open = new ArrayDeque<>();
    open.push(first);
    while (!open.isEmpty()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Directory directory = open.pop();
      try (ObjectReader reader = directory.module.repository().newObjectReader()) {
        visitEntries(reader, directory, open, visitor);
      }
    }
  }

  private void visitEntries(
      ObjectReader reader, Directory directory, Deque<Directory> open, Visitor visitor)
      throws IOException, InterruptedException {
    Set<String> names = new HashSet<>();
    CanonicalTreeParser parser = parser(reader, directory);
    while (!parser.eof()) {
      String name = checkedName(parser, directory);
      Path path = checkedPath(directory, name);
      if (!names.add(name)) {
        throw twice(path);
      }
      String inModule = directory.inModule.isEmpty() ? name : directory.inModule + "/" + name;
      ObjectId id = parser.getEntryObjectId();
      FileMode mode = parser.getEntryFileMode();
      if (mode.equals(FileMode.TREE)) {
        visitor.directory(path);
        open.push(
            checkedDepth(new Directory(directory.module, id, path, inModule, directory.depth + 1)));
      } else if (mode.equals(FileMode.SYMLINK)) {
        visitor.link(reader, id, path);
      } else if (mode.equals(FileMode.GITLINK)) {
        visitor.directory(path);
        open.push(checkedDepth(submodule(directory, id, path, inModule)));
      } else if (mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE)) {
        visitor.file(reader, id, path, mode.equals(FileMode.EXECUTABLE_FILE));
      } else {
        throw new GitException(
            "The commit's entry \"%s\" is of no kind that git knows (mode %o)"
                .formatted(shown(path), parser.getEntryRawMode()));
      }
      JGitCalls.<@Nullable Void>read(
          treeName(directory),
          () -> {
            parser.next(1);
            return null;
          });
    }
  }

  private CanonicalTreeParser parser(ObjectReader reader, Directory directory) {
    return JGitCalls.read(
        treeName(directory),
        () -> {
          byte[] known = trees.get(directory.tree);
          byte[] bytes = known == null ? treeBytes(reader, directory) : known;
          CanonicalTreeParser parser = new CanonicalTreeParser();
          parser.reset(bytes);
          return parser;
        });
  }

  private byte[] treeBytes(ObjectReader reader, Directory directory) throws IOException {
    ObjectLoader loader = reader.open(directory.tree, Constants.OBJ_TREE);
    if (loader.getSize() > TREE_BYTES_MAX) {
      throw new GitException(
          "The commit's directory \"%s\" is a list of more than %d MiB, which is the limit"
              .formatted(shown(directory.path), TREE_BYTES_MAX >> 20));
    }
    byte[] bytes = loader.getBytes(TREE_BYTES_MAX);
    requireHash(
        directory.tree,
        new ObjectInserter.Formatter().idFor(Constants.OBJ_TREE, bytes).name(),
        directory.path);
    if (bytes.length <= REMEMBERED_TREE_BYTES_MAX && trees.size() < REMEMBERED_MAX) {
      trees.put(directory.tree, bytes);
    }
    return bytes;
  }

  private Supplier<String> treeName(Directory directory) {
    return () ->
        "the commit's directory \"%s\" (%s)"
            .formatted(shown(directory.path), directory.tree.name());
  }

  private String shown(Path path) {
    String relative = target.relativize(path).toString();
    return relative.isEmpty() ? "." : Printable.of(relative);
  }

  private GitException twice(Path path) {
    return new GitException("The commit has two entries for \"%s\"".formatted(shown(path)));
  }

  private String checkedName(CanonicalTreeParser parser, Directory directory) {
    entries++;
    if (entries > limits.entriesMax()) {
      throw new GitException(
          "The commit has more than %d files, which is the limit".formatted(limits.entriesMax()));
    }
    byte[] raw = new byte[parser.getNameLength()];
    parser.getName(raw, 0);
    String name = new String(raw, UTF_8);
    try {
      checker.checkPathSegment(raw, 0, raw.length);
      UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
    } catch (CharacterCodingException e) {
      throw unusable(name, directory, "must be UTF-8", e);
    } catch (CorruptObjectException e) {
      throw new GitException(
          "The commit has an entry called \"%s\" in \"%s\", which git does not allow: %s"
              .formatted(Printable.of(name), shown(directory.path), JGitCalls.reason(e)),
          e);
    }
    if (raw.length > NAME_MAX) {
      throw unusable(name, directory, "must have at most %d bytes".formatted(NAME_MAX), null);
    }
    if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
      throw unusable(name, directory, "must be a file name", null);
    }
    return name;
  }

  private GitException unusable(
      String name, Directory directory, String rule, @Nullable Throwable cause) {
    return new GitException(
        "The commit has an entry called \"%s\" in \"%s\", which cannot be written: the name %s"
            .formatted(Printable.of(name), shown(directory.path), rule),
        cause);
  }

  private Path checkedPath(Directory directory, String name) {
    Path path;
    try {
      path = directory.path.resolve(name);
    } catch (InvalidPathException e) {
      throw unusable(
          name, directory, "cannot be spelled in this locale (start with LC_ALL=C.UTF-8)", e);
    }
    if (path.toString().getBytes(UTF_8).length > PATH_MAX) {
      throw new GitException(
          "The commit's entry \"%s\" would have a path of more than %d bytes, which is the limit"
              .formatted(shown(path), PATH_MAX));
    }
    return path;
  }

  private Directory checkedDepth(Directory directory) {
    if (directory.depth > limits.depthMax()) {
      throw new GitException(
          "The commit nests directories deeper than %d, which is the limit: \"%s\""
              .formatted(limits.depthMax(), shown(directory.path)));
    }
    return directory;
  }

  private Directory submodule(Directory directory, ObjectId commit, Path path, String inModule)
      throws IOException {
    if (++submodules > limits.submodulesMax()) {
      throw new GitException(
          "The commit has more than %d submodules, which is the limit"
              .formatted(limits.submodulesMax()));
    }
    SourceModule module = directory.module.submodule(inModule, commit, shown(path));
    return new Directory(module, module.rootTree(), path, "", directory.depth + 1);
  }

  private String linkTarget(ObjectReader reader, ObjectId id, Path path) {
    byte[] bytes =
        JGitCalls.read(
            fileName(path, id),
            () -> {
              ObjectLoader loader = reader.open(id, Constants.OBJ_BLOB);
              if (loader.getSize() > LINK_MAX || loader.getSize() == 0) {
                throw new GitException(
                    "The symbolic link \"%s\" has a target of %d bytes; 1 to %d are possible"
                        .formatted(shown(path), loader.getSize(), LINK_MAX));
              }
              return loader.getBytes(LINK_MAX);
            });
    requireHash(id, new ObjectInserter.Formatter().idFor(Constants.OBJ_BLOB, bytes).name(), path);
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new GitException(
          "The symbolic link \"%s\" has a target that is not UTF-8".formatted(shown(path)), e);
    }
  }

  private Path checkedLink(ObjectReader reader, ObjectId id, Path path) {
    String text = linkTarget(reader, id, path);
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new GitException(
          "The symbolic link \"%s\" has a target that is no path: \"%s\""
              .formatted(shown(path), Printable.of(text)),
          e);
    }
  }

  private Supplier<String> fileName(Path path, ObjectId id) {
    return () -> "the commit's file \"%s\" (%s)".formatted(shown(path), id.name());
  }

  private void requireHash(ObjectId id, String hash, Path path) {
    if (!id.name().equals(hash)) {
      throw new GitException(
          "The repository is damaged: what it has for \"%s\" under the hash %s has the hash %s"
              .formatted(shown(path), id.name(), hash));
    }
  }

  /** Reads no contents, writes nothing, and adds up sizes. */
  private final class Check implements Visitor {
    private final Map<ObjectId, Long> sizes = new HashMap<>();
    private long bytes;

    @Override
    public void directory(Path path) {}

    @Override
    public void link(ObjectReader reader, ObjectId id, Path path) {
      checkedLink(reader, id, path);
    }

    @Override
    public void file(ObjectReader reader, ObjectId id, Path path, boolean executable) {
      Long known = sizes.get(id);
      long size =
          known == null
              ? JGitCalls.read(
                  fileName(path, id), () -> reader.getObjectSize(id, Constants.OBJ_BLOB))
              : known;
      if (sizes.size() < REMEMBERED_MAX) {
        sizes.put(id, size);
      }
      bytes += size;
      if (size < 0 || bytes > limits.bytesMax()) {
        throw new GitException(
            "The commit has more than %d MiB of files, which is the limit: \"%s\" (%s) has %d MiB"
                .formatted(limits.bytesMax() >> 20, shown(path), id.name(), size >> 20));
      }
    }
  }

  private final class Write implements Visitor {
    private final byte[] buffer = new byte[64 << 10];

    @Override
    public void directory(Path path) throws IOException {
      Files.createDirectory(path);
    }

    @Override
    public void link(ObjectReader reader, ObjectId id, Path path) throws IOException {
      Files.createSymbolicLink(path, checkedLink(reader, id, path));
    }

    @Override
    public void file(ObjectReader reader, ObjectId id, Path path, boolean executable)
        throws IOException, InterruptedException {
      Supplier<String> what = fileName(path, id);
      ObjectLoader loader = JGitCalls.read(what, () -> reader.open(id, Constants.OBJ_BLOB));
      try (OutputStream out =
              Files.newOutputStream(
                  path,
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS);
          InputStream in = JGitCalls.read(what, loader::openStream)) {
        requireHash(id, copy(what, in, loader.getSize(), out), path);
      }
      if (executable) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }

    /** Copies as many bytes as the object says it has, and returns their hash. */
    private String copy(Supplier<String> what, InputStream in, long size, OutputStream out)
        throws IOException, InterruptedException {
      MessageDigest digest = sha1();
      digest.update("blob %d\0".formatted(size).getBytes(UTF_8));
      for (long left = size; left > 0; ) {
        int most = (int) Math.min(left, buffer.length);
        int length = JGitCalls.read(what, () -> in.read(buffer, 0, most));
        if (length < 0) {
          throw new GitException("Cannot read %s: it ends too early".formatted(what.get()));
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        digest.update(buffer, 0, length);
        out.write(buffer, 0, length);
        left -= length;
      }
      return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha1() {
      try {
        return MessageDigest.getInstance("SHA-1");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every JDK has SHA-1", e);
      }
    }
  }
}
