package dev.millrace.builder;

import dev.millrace.sexp.Sexp;
import java.util.List;

/** What is copied, with the digests of all contents: the part of a copy that decides its id. */
sealed interface Manifest {
  /** Below the root of the source, without slashes at its ends; empty for the root itself. */
  String path();

  /** The last part of the path. */
  default String name() {
    return path().substring(path().lastIndexOf('/') + 1);
  }

  /** The form that enters the id. */
  default Sexp toSexp() {
    return switch (this) {
      case File(String path, String digest, boolean executable) ->
          item(
              "File",
              executable
                  ? Sexp.list(Sexp.atom(path), Sexp.atom(digest), Sexp.atom("executable"))
                  : Sexp.list(Sexp.atom(path), Sexp.atom(digest)));
      case Link(String path, String target) ->
          item("Symlink", Sexp.list(Sexp.atom(path), Sexp.atom(target)));
      case Directory(String path, List<Manifest> entries) ->
          item(
              "Dir",
              Sexp.list(
                  Sexp.atom(path), Sexp.list(entries.stream().map(Manifest::toSexp).toList())));
    };
  }

  private static Sexp item(String kind, Sexp content) {
    return Sexp.list(Sexp.atom(kind), content);
  }

  /** A file; {@code executable} is ours, OBuilder leaves it out. */
  record File(String path, String digest, boolean executable) implements Manifest {}

  /** A symbolic link. */
  record Link(String path, String target) implements Manifest {}

  /** A directory, its entries in the order of their names' bytes. */
  record Directory(String path, List<Manifest> entries) implements Manifest {
    /** Copies. */
    public Directory {
      entries = List.copyOf(entries);
    }
  }
}
