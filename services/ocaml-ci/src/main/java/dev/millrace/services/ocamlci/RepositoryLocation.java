package dev.millrace.services.ocamlci;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where an opam repository is. */
public sealed interface RepositoryLocation {
  /** The repository of the OCaml community. */
  RepositoryLocation PUBLIC = new Remote("https://github.com/ocaml/opam-repository.git");

  /** A git repository elsewhere; its default branch is followed. */
  record Remote(String url) implements RepositoryLocation {
    @Override
    public String toString() {
      return url;
    }
  }

  /** A directory here, whose git head is followed, or whose files are if it is not kept in git. */
  record Directory(Path path) implements RepositoryLocation {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** Whether a directory is the whole of a git repository, and not a folder of one. */
  static boolean isGit(Path path) {
    return Files.exists(path.resolve(".git"))
        || (Files.isRegularFile(path.resolve("HEAD"))
            && Files.isDirectory(path.resolve("objects")));
  }

  /**
   * Reads a URL or a path.
   *
   * @throws IllegalArgumentException if it is a path without an opam repository, in words for users
   */
  static RepositoryLocation parse(String text) {
    if (Pattern.matches("(git\\+)?(https?|ssh|git)://.+", text)) {
      return new Remote(text);
    }
    String plain = text.startsWith("file://") ? text.substring("file://".length()) : text;
    Path path = Path.of(plain).toAbsolutePath().normalize();
    if (!Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as an opam repository: it is neither a git URL nor a directory"
              .formatted(text));
    }
    if (!isGit(path) && !Files.isDirectory(path.resolve("packages"))) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as an opam repository: it has no \"packages\" directory and is not kept in git"
              .formatted(text));
    }
    return new Directory(path);
  }
}
