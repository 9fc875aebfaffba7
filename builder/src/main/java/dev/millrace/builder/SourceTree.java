package dev.millrace.builder;

import dev.millrace.sexp.Sexp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Reads what a copy copies: the build's context, or the result of another build.
 *
 * <p>Whatever lies there may have been made to mislead. Each directory is opened once, without
 * following links, and its entries are reached through that descriptor ({@code
 * /proc/self/fd/N/NAME}), so that no link, also none that appears meanwhile, leads outside. One
 * thread at a time.
 */
final class SourceTree {
  /** Each level holds a descriptor. */
  private static final int DEPTH_MAX = 256;

  private static final int O_DIRECTORY = 0x10000;
  private static final int O_NOFOLLOW = 0x20000;
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path root;
  private final Set<String> exclude;
  private final byte[] buffer = new byte[BUFFER_BYTES];

  /**
   * A tree.
   *
   * @param exclude names that are left out, at any depth below what is named
   */
  SourceTree(Path root, Set<String> exclude) {
    this.root = root;
    this.exclude = exclude;
  }

  /**
   * Digests what a path of the spec names.
   *
   * @throws StepFailedException if it names nothing that can be copied
   */
  Manifest manifest(String source) throws IOException, StepFailedException {
    List<String> parts = parts(source);
    try (Opened parent = openParent(source, parts)) {
      if (parts.isEmpty()) {
        return directory(parent.descriptor(), "", 0);
      }
      String path = String.join("/", parts);
      return entry(parent.descriptor(), parts.getLast(), path, parts.size());
    } catch (NoSuchFileException e) {
      throw new StepFailedException("Source path %s not found".formatted(Sexp.quote(source)));
    }
  }

  private static List<String> parts(String source) throws StepFailedException {
    List<String> parts = new ArrayList<>();
    for (String part : source.split("/", -1)) {
      if (part.equals("..")) {
        throw new StepFailedException(
            "Can't use .. in source paths! (in %s)".formatted(Sexp.quote(source)));
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts;
  }

  /** A directory and those above it, closed together. */
  private record Opened(List<Linux.Descriptor> all) implements AutoCloseable {
    Linux.Descriptor descriptor() {
      return all.getLast();
    }

    @Override
    public void close() {
      all.forEach(Linux.Descriptor::close);
    }
  }

  private Opened openParent(String source, List<String> parts)
      throws IOException, StepFailedException {
    Opened opened = new Opened(new ArrayList<>());
    try {
      opened.all().add(Linux.open(root, O_DIRECTORY));
      for (int i = 0; i < parts.size() - 1; i++) {
        Path child = child(opened.descriptor(), parts.get(i));
        String path = String.join("/", parts.subList(0, i + 1));
        PosixFileAttributes attributes = attributes(child);
        if (attributes.isRegularFile()) {
          throw new StepFailedException(
              "Not a directory: %s (in %s)".formatted(path, Sexp.quote(source)));
        }
        if (!attributes.isDirectory()) {
          throw new StepFailedException(
              "Not a regular file: %s (in %s)".formatted(path, Sexp.quote(source)));
        }
        opened.all().add(Linux.open(child, O_DIRECTORY | O_NOFOLLOW));
      }
      return opened;
    } catch (IOException | StepFailedException e) {
      opened.close();
      throw e;
    }
  }

  private Manifest entry(Linux.Descriptor parent, String name, String path, int depth)
      throws IOException, StepFailedException {
    Path file = child(parent, name);
    PosixFileAttributes attributes = attributes(file);
    if (attributes.isSymbolicLink()) {
      return new Manifest.Link(path, Files.readSymbolicLink(file).toString());
    }
    if (attributes.isRegularFile()) {
      return new Manifest.File(path, digest(file), isExecutable(attributes));
    }
    if (attributes.isDirectory()) {
      try (Linux.Descriptor descriptor = Linux.open(file, O_DIRECTORY | O_NOFOLLOW)) {
        return directory(descriptor, path, depth);
      }
    }
    throw new StepFailedException("Unsupported file type for %s".formatted(Sexp.quote(path)));
  }

  private Manifest directory(Linux.Descriptor descriptor, String path, int depth)
      throws IOException, StepFailedException {
    if (depth > DEPTH_MAX) {
      throw new StepFailedException(
          "Cannot copy %s: directories are nested deeper than %d"
              .formatted(Sexp.quote(path), DEPTH_MAX));
    }
    List<Manifest> entries = new ArrayList<>();
    for (String name : names(descriptor)) {
      String below = path.isEmpty() ? name : path + "/" + name;
      entries.add(entry(descriptor, name, below, depth + 1));
    }
    return new Manifest.Directory(path, entries);
  }

  private List<String> names(Linux.Descriptor directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(Path.of(directory.path()))) {
      for (Path path : stream) {
        String name = path.getFileName().toString();
        if (!exclude.contains(name)) {
          names.add(name);
        }
      }
    }
    names.sort(
        (a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
    return names;
  }

  private String digest(Path file) throws IOException {
    MessageDigest sha = StepIds.sha256();
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      int count;
      while ((count = in.read(buffer)) > 0) {
        sha.update(buffer, 0, count);
      }
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  /** Writes what a manifest names into an archive, under another name. */
  void send(Manifest manifest, String name, TarWriter out) throws IOException, StepFailedException {
    try (Opened parent = openParent(manifest.path(), parts(manifest.path()))) {
      if (manifest instanceof Manifest.Directory directory && manifest.path().isEmpty()) {
        sendEntries(directory, parent.descriptor(), name, out);
      } else {
        send(manifest, parent.descriptor(), name, out);
      }
    }
  }

  private void send(Manifest manifest, Linux.Descriptor parent, String name, TarWriter out)
      throws IOException {
    Path file = child(parent, manifest.name());
    PosixFileAttributes attributes = attributes(file);
    switch (manifest) {
      case Manifest.Link(_, String target) ->
          out.link(name, target, attributes.lastModifiedTime().toInstant());
      case Manifest.File(String path, _, boolean executable) -> {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
          out.file(
              name,
              executable,
              attributes.size(),
              attributes.lastModifiedTime().toInstant(),
              in,
              path);
        }
      }
      case Manifest.Directory directory -> {
        out.directory(name, attributes.lastModifiedTime().toInstant());
        try (Linux.Descriptor descriptor = Linux.open(file, O_DIRECTORY | O_NOFOLLOW)) {
          sendEntries(directory, descriptor, name, out);
        }
      }
    }
  }

  private void sendEntries(
      Manifest.Directory directory, Linux.Descriptor descriptor, String name, TarWriter out)
      throws IOException {
    for (Manifest entry : directory.entries()) {
      send(entry, descriptor, name + "/" + entry.name(), out);
    }
  }

  private static Path child(Linux.Descriptor directory, String name) {
    return Path.of(directory.path(), name);
  }

  private static PosixFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isExecutable(PosixFileAttributes attributes) {
    Set<PosixFilePermission> permissions = attributes.permissions();
    return permissions.contains(PosixFilePermission.OWNER_EXECUTE)
        || permissions.contains(PosixFilePermission.GROUP_EXECUTE)
        || permissions.contains(PosixFilePermission.OTHERS_EXECUTE);
  }
}
