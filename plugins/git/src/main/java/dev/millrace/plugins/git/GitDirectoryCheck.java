package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;

/**
 * Looks at the files of a git directory before JGit reads them, as JGit reads each to its end,
 * whatever it is: a pipe would block it for ever, a device or a pack's index that lies about its
 * size would fill the memory.
 *
 * <p>It may be someone else's: unpacked from an archive, or found below a directory that anybody
 * may write to.
 */
final class GitDirectoryCheck {
  private static final long SMALL_MAX = 64 << 10;
  private static final long CONFIG_MAX = 1 << 20;
  private static final long REFS_MAX = 256 << 20;
  private static final int REF_HOPS_MAX = 5;
  private static final int INCLUDES_MAX = 64;
  private static final int ALTERNATES_MAX = 64;
  private static final int FANOUT_BYTES = 256 * 4;
  private static final int INDEX_MAGIC = 0xff744f63;

  private final Path directory;
  private int includes;

  private GitDirectoryCheck(Path directory) {
    this.directory = directory;
  }

  /**
   * Checks what is read in search of the git directory around {@code directory}.
   *
   * @throws GitException if it is not what it must be
   */
  static void checkAround(Path directory) throws IOException {
    for (Path at = directory; at != null; at = at.getParent()) {
      GitDirectoryCheck check = new GitDirectoryCheck(at);
      Path dotGit = at.resolve(".git");
      if (Files.isDirectory(dotGit)) {
        check.checkFile(dotGit.resolve("HEAD"), SMALL_MAX);
      } else {
        check.checkFile(dotGit, SMALL_MAX);
        if (Files.isDirectory(at.resolve("objects")) && Files.isDirectory(at.resolve("refs"))) {
          check.checkFile(at.resolve("HEAD"), SMALL_MAX);
        }
      }
    }
  }

  /**
   * Checks a git directory and what it borrows from.
   *
   * @param common the git directory that it is a linked work tree of, or itself
   * @throws GitException if something in it is not what it must be, saying what
   */
  static void check(Path directory, Path common) throws IOException {
    try {
      GitDirectoryCheck check = new GitDirectoryCheck(directory);
      for (String name : new String[] {"HEAD", "commondir", "gitdir"}) {
        check.checkFile(directory.resolve(name), SMALL_MAX);
      }
      check.checkFile(common.resolve("shallow"), REFS_MAX);
      check.checkFile(common.resolve("packed-refs"), REFS_MAX);
      check.checkConfig(directory.resolve("config.worktree"));
      check.checkConfig(common.resolve("config"));
      check.checkHead(directory, common);
      check.checkObjects(common.resolve("objects"));
    } catch (InvalidPathException e) {
      throw new GitException(
          "Cannot read the git repository in \"%s\": it names the file \"%s\", which cannot be"
              .formatted(directory, Printable.of(e.getInput())),
          e);
    }
  }

  private void checkFile(Path file, long bytesMax) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    if (!Files.isRegularFile(file)) {
      throw refused(file, "must be a file");
    }
    if (Files.size(file) > bytesMax) {
      throw refused(file, "must have at most %d KiB".formatted(bytesMax >> 10));
    }
    if (!Files.isReadable(file)) {
      throw refused(file, "cannot be read by this user");
    }
  }

  private GitException refused(Path file, String why) {
    return new GitException(
        "Cannot read the git repository in \"%s\": its file \"%s\" %s"
            .formatted(directory, Printable.of(file.toString()), why));
  }

  private void checkConfig(Path file) throws IOException {
    checkFile(file, CONFIG_MAX);
    if (!Files.exists(file)) {
      return;
    }
    if (++includes > INCLUDES_MAX) {
      throw refused(file, "is one of more than %d that include each other".formatted(INCLUDES_MAX));
    }
    Config config = new Config();
    try {
      config.fromText(Files.readString(file, UTF_8));
    } catch (ConfigInvalidException | java.nio.charset.CharacterCodingException e) {
      throw refused(file, "is not in git's format");
    }
    String format = config.getString("extensions", null, "objectFormat");
    if (format != null && !format.equalsIgnoreCase("sha1")) {
      throw refused(
          file,
          "says that objects have %s hashes, and only sha1 is known"
              .formatted(Printable.of(format)));
    }
    for (String path : config.getStringList("include", null, "path")) {
      if (!path.startsWith("~/")) {
        checkConfig(file.resolveSibling(path));
      }
    }
  }

  /** The refs from {@code HEAD} on: links and pipes could stand there, too. */
  private void checkHead(Path gitDirectory, Path common) throws IOException {
    Path file = gitDirectory.resolve("HEAD");
    for (int hops = 0; Files.isRegularFile(file); hops++) {
      if (hops > REF_HOPS_MAX) {
        throw new GitException(
            "Cannot read the git repository in \"%s\": its HEAD names refs that name each other"
                .formatted(directory));
      }
      String text = read(file).strip();
      if (!text.startsWith("ref: ")) {
        return;
      }
      file = common.resolve(text.substring("ref: ".length()).strip()).normalize();
      if (!file.startsWith(common)) {
        throw new GitException(
            "Cannot read the git repository in \"%s\": its HEAD must name a ref in it, not \"%s\""
                .formatted(directory, Printable.of(text)));
      }
      // A directory of that name is one of refs, as of a branch that is packed or not born yet.
      if (!Files.isDirectory(file)) {
        checkFile(file, SMALL_MAX);
      }
    }
  }

  private void checkObjects(Path objects) throws IOException {
    Deque<Path> open = new ArrayDeque<>();
    Set<Path> seen = new HashSet<>();
    open.push(objects);
    while (!open.isEmpty()) {
      Path next = open.pop();
      if (!Files.isDirectory(next) || !seen.add(next.toRealPath())) {
        continue;
      }
      if (seen.size() > ALTERNATES_MAX) {
        throw refused(next, "is one of more than %d that are borrowed from".formatted(seen.size()));
      }
      checkPacks(next.resolve("pack"));
      Path alternates = next.resolve("info/alternates");
      checkFile(alternates, SMALL_MAX);
      if (Files.exists(alternates)) {
        read(alternates)
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .forEach(line -> open.push(next.resolve(line)));
      }
    }
  }

  private void checkPacks(Path packs) throws IOException {
    if (!Files.isDirectory(packs)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(packs)) {
      for (Path file : files) {
        checkFile(file, Long.MAX_VALUE);
        if (file.toString().endsWith(".idx") && Files.exists(file)) {
          checkIndex(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** An index must be as large as the number of objects that it says it lists requires. */
  private void checkIndex(Path file) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(8 + FANOUT_BYTES);
    long size;
    try (FileChannel channel = FileChannel.open(file)) {
      size = channel.size();
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // Goes on until the buffer is full or the file at its end.
      }
    }
    boolean versioned = head.getInt(0) == INDEX_MAGIC;
    int offset = versioned ? 8 : 0;
    long before = 0;
    for (int i = 0; i < 256; i++) {
      long count = Integer.toUnsignedLong(head.getInt(offset + 4 * i));
      if (count < before) {
        throw refused(file, "is not an index of a pack");
      }
      before = count;
    }
    long least = offset + FANOUT_BYTES + before * (versioned ? 28 : 24) + 40;
    if (size < least) {
      throw refused(
          file, "is not an index of a pack: it must have at least %d bytes".formatted(least));
    }
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes((int) SMALL_MAX), UTF_8);
    }
  }
}
