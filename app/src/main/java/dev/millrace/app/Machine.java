package dev.millrace.app;

import dev.millrace.base.Command;
import dev.millrace.builder.SubordinateIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * This machine as {@link Doctor} sees it: its files, its programs, who we are. Reads only; what
 * cannot be read is absent.
 */
final class Machine {
  private static final int OUTPUT_MAX = 64 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path root;
  private final List<Path> programFolders;
  private final String user;
  private final boolean isRoot;

  /**
   * A machine.
   *
   * @param root where its file system begins
   * @param programFolders where its programs are searched, in order
   * @param user the name of who we are
   */
  Machine(Path root, List<Path> programFolders, String user, boolean isRoot) {
    this.root = root;
    this.programFolders = List.copyOf(programFolders);
    this.user = user;
    this.isRoot = isRoot;
  }

  /** The one we run on. */
  static Machine ours() {
    List<Path> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      Arrays.stream(path.split(":", -1))
          .filter(folder -> folder.startsWith("/"))
          .map(Path::of)
          .forEach(folders::add);
    }
    // An ordinary user's PATH lacks where Debian puts runc.
    folders.add(Path.of("/usr/sbin"));
    folders.add(Path.of("/sbin"));
    String user = System.getProperty("user.name");
    return new Machine(Path.of("/"), folders, user, user.equals("root"));
  }

  String user() {
    return user;
  }

  boolean isRoot() {
    return isRoot;
  }

  /** What further ids we may have; none if that cannot be read. */
  SubordinateIds subordinateIds() {
    try {
      return SubordinateIds.read(root.resolve("etc"), user, uid());
    } catch (IOException e) {
      return new SubordinateIds(user, false, 0);
    }
  }

  private static int uid() throws IOException {
    // Followed: the link itself is root's.
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  boolean exists(String file) {
    return Files.exists(root.resolve(file));
  }

  /** A small text file, without the blanks around it. */
  Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(root.resolve(file)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  List<String> lines(String file) {
    return text(file).stream().flatMap(String::lines).toList();
  }

  Optional<Path> program(String name) {
    return programFolders.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What a program prints; empty if it is not there, fails, or takes too long. */
  Optional<String> output(String program, String... arguments) throws InterruptedException {
    Optional<Path> found = program(program);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    List<String> argv = new ArrayList<>(List.of(found.get().toString()));
    argv.addAll(List.of(arguments));
    try {
      return Optional.of(Command.of(argv).withTimeLimit(PATIENCE).read(OUTPUT_MAX).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Bytes that can still be written where {@code directory} is, or will be once it is made. */
  Optional<Long> freeBytes(Path directory) {
    Path existing = directory.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    // Unlike a FileStore, this needs no entry in the table of mounts (a chroot has none).
    long bytes = existing.toFile().getUsableSpace();
    return bytes > 0 ? Optional.of(bytes) : Optional.empty();
  }
}
