package dev.millrace.opam;

import java.util.List;
import java.util.Optional;

/** A tree of files, wherever it is stored; paths are separated by slashes. Thread-safe. */
interface FileTree extends AutoCloseable {
  /** What a directory holds; anything but files and directories is not listed. */
  record Entry(String name, boolean isDirectory) {}

  /** Returns the entries of a directory, sorted by name; none when there is no such directory. */
  List<Entry> list(String path);

  /** Returns a name of a file's content, such that the same name means the same content. */
  Optional<String> findContentId(String path);

  /** Returns a file's content. */
  Optional<byte[]> read(String path);

  /** Returns the name of the whole tree's content. */
  String identity();

  @Override
  void close();
}
