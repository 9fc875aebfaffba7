package dev.millrace.base;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A private directory (mode 0700) that is gone, with all that is in it, once closed.
 *
 * <p>For files of our own making: links in it are removed, never followed.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private final Path path;

  private TemporaryDirectory(Path path) {
    this.path = path;
  }

  /**
   * A new directory below {@code parent}, which is made when needed; its name begins with {@code
   * prefix}.
   */
  public static TemporaryDirectory in(Path parent, String prefix) throws IOException {
    Files.createDirectories(parent);
    return new TemporaryDirectory(
        Files.createTempDirectory(
            parent,
            prefix,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    deleteTree(path);
  }

  /** Removes a directory and all that is in it; nothing happens if it is not there. */
  public static void deleteTree(Path tree) throws IOException {
    try {
      Files.walkFileTree(tree, new Deleter());
    } catch (NoSuchFileException e) {
      // That is what was wanted.
    }
  }

  private static final class Deleter extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(
        Path directory, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
