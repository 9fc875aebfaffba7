package dev.millrace.opam;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A directory, which must not change while it is read. Symbolic links are not followed. */
final class DirectoryTree implements FileTree {
  private final Path root;

  DirectoryTree(Path root) {
    this.root = root;
  }

  @Override
  public List<Entry> list(String path) {
    if (!Files.isDirectory(root.resolve(path), LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    var entries = new ArrayList<Entry>();
    try (var children = Files.newDirectoryStream(root.resolve(path))) {
      for (Path child : children) {
        boolean isDirectory = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
        if (isDirectory || Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
          entries.add(new Entry(child.getFileName().toString(), isDirectory));
        }
      }
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + root.resolve(path), e);
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }

  @Override
  public Optional<String> findContentId(String path) {
    return isFile(root.resolve(path)) ? Optional.of(path) : Optional.empty();
  }

  private static boolean isFile(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public Optional<byte[]> read(String path) {
    Path file = root.resolve(path);
    try {
      return isFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  @Override
  public String identity() {
    return TreeDigest.of(this);
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return root.toString();
  }
}
