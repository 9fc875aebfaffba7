package dev.millrace.opam;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds out what a revision stands for from the few files that say it, where that is simple: whole
 * commit ids, {@code HEAD} and full names of branches in repositories of the usual layout. For all
 * else it finds nothing, and JGit has to be asked, which takes a while to come up.
 */
final class GitHead {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern BRANCH = Pattern.compile("refs/heads/[A-Za-z0-9_/-]+");
  private static final String HEAD = "HEAD";
  private static final String REFERENCE = "ref: ";
  private static final long REFS_MAX = 1 << 20;

  private GitHead() {}

  /** The git directory of a repository that is bare or has a work tree of the usual layout. */
  static Optional<Path> directory(Path path) {
    Path dotGit = path.resolve(".git");
    Path directory = Files.exists(dotGit) ? dotGit : path;
    return Files.isDirectory(directory.resolve("objects"))
            && Files.isRegularFile(directory.resolve(HEAD))
            && !Files.exists(directory.resolve("commondir"))
        ? Optional.of(directory)
        : Optional.empty();
  }

  static Optional<ObjectName> find(Path gitDirectory, String revision) {
    try {
      if (ID.matcher(revision).matches()) {
        return Optional.of(ObjectName.parse(revision));
      }
      if (!revision.equals(HEAD)) {
        return branch(gitDirectory, revision);
      }
      String head = read(gitDirectory.resolve(HEAD));
      return head.startsWith(REFERENCE)
          ? branch(gitDirectory, head.substring(REFERENCE.length()))
          : id(head);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static Optional<ObjectName> branch(Path gitDirectory, String name) throws IOException {
    if (!BRANCH.matcher(name).matches()) {
      return Optional.empty();
    }
    Path loose = gitDirectory.resolve(name);
    if (Files.isRegularFile(loose)) {
      return id(read(loose));
    }
    Path packed = gitDirectory.resolve("packed-refs");
    if (!Files.isRegularFile(packed) || Files.size(packed) > REFS_MAX) {
      return Optional.empty();
    }
    return read(packed)
        .lines()
        .filter(line -> line.endsWith(" " + name))
        .findFirst()
        .flatMap(line -> id(line.substring(0, line.length() - name.length() - 1)));
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), UTF_8).strip();
  }

  private static Optional<ObjectName> id(String text) {
    return ID.matcher(text).matches() ? Optional.of(ObjectName.parse(text)) : Optional.empty();
  }
}
