package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import dev.millrace.plugins.git.HostileCase.Expected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A hostile repository and all that it must not touch.
 *
 * <p>What is done with the repository is done by {@link HostileChild}, whose path of programs holds
 * nothing but programs that leave a marker, whose heap is 512 MiB, and whose time is a minute.
 */
final class HostileFixture {
  static final Duration TIME_MAX = Duration.ofSeconds(60);
  private static final List<String> PROGRAMS =
      List.of("git", "sh", "bash", "ssh", "curl", "touch", "git-upload-pack", "gpg", "setsid");

  final Path root;
  final Path project;
  final Path target;
  final Path marker;
  final RawGit git;

  /** The child's last arguments. */
  final List<String> options = new ArrayList<>();

  HostileFixture(Path root) throws IOException {
    this.root = root;
    this.project = Files.createDirectories(root.resolve("project"));
    this.target = Files.createDirectories(root.resolve("work")).resolve("target");
    this.marker = root.resolve("marker");
    this.git = RawGit.init(project);
    Files.createDirectories(root.resolve("home"));
    Files.createDirectories(root.resolve("canary"));
    Files.writeString(root.resolve("canary/file"), "canary");
    for (String program : PROGRAMS) {
      program(root.resolve("bin").resolve(program));
    }
  }

  /** A program that says that it was run. */
  Path program(Path path) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "#!/bin/sh\necho \"$0 $*\" >> '%s'\n".formatted(marker));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    return path;
  }

  /** A command that says that it was run. */
  String command() {
    return "/usr/bin/touch " + marker;
  }

  String url() {
    return project.toUri().toString();
  }

  void fifo(Path path) throws IOException, InterruptedException {
    Files.createDirectories(path.getParent());
    Files.deleteIfExists(path);
    Command.of("mkfifo", "--", path.toString()).read(1000);
  }

  /** Runs the child and returns what it said: a word, and the message of a refusal. */
  String child(String... arguments) throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    argv.addAll(List.of("-cp", System.getProperty("java.class.path")));
    argv.add(HostileChild.class.getName());
    argv.addAll(List.of(arguments));
    argv.addAll(options);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Command.of(argv)
        .in(root.resolve("home"))
        .withEnvironment(
            Map.of(
                "PATH",
                root.resolve("bin").toString(),
                "HOME",
                root.resolve("home").toString(),
                "LC_ALL",
                "C.UTF-8"))
        .withTimeLimit(TIME_MAX)
        .run((buffer, length) -> out.write(buffer, 0, length), (_, _) -> {});
    return out.toString(UTF_8).strip();
  }

  String export() throws IOException, InterruptedException {
    return child("export", project.toString(), target.toString());
  }

  String fetch(String url) throws IOException, InterruptedException {
    return child("fetch", url, target.toString(), root.resolve("clones").toString());
  }

  String fetchCommit(String url, String hash) throws IOException, InterruptedException {
    return child("commit", url, target.toString(), root.resolve("clones").toString(), hash);
  }

  /** Everything except what may be written to: what it is, how large, when it changed. */
  Map<String, String> outside() throws IOException {
    Map<String, String> found = new TreeMap<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (directory.equals(target) || directory.equals(root.resolve("clones"))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            boolean mayChange = directory.equals(root) || directory.equals(target.getParent());
            found.put(directory.toString(), mayChange ? "" : describe(attributes));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String link = attributes.isSymbolicLink() ? " " + Files.readSymbolicLink(file) : "";
            found.put(file.toString(), describe(attributes) + link);
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** Holds what happened against what was expected, and all else against what was before. */
  void check(Map<String, String> before, String said, Expected expected) throws Exception {
    assertThat(marker).as("something was run").doesNotExist();
    assertThat(outside()).as("outside").isEqualTo(before);
    switch (expected) {
      case Expected.Files(var files) -> {
        assertThat(said).isEqualTo("EXPORTED");
        assertThat(exported()).isEqualTo(files);
      }
      case Expected.Refusal(var parts) -> {
        assertThat(said).startsWith("REFUSED ").doesNotContain("\n");
        assertThat(said.length()).as(said).isLessThan(900);
        assertThat(said).contains(parts);
        assertThat(said.chars().filter(c -> c < ' ' || c == 0x7f).toArray()).isEmpty();
        assertThat(exported()).as("left over").isEmpty();
      }
    }
  }

  private static String describe(BasicFileAttributes attributes) {
    return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
  }

  /** What was exported: the content of each small file, the target of each link. */
  Map<String, String> exported() throws IOException {
    Map<String, String> found = new TreeMap<>();
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return found;
    }
    Files.walkFileTree(
        target,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = target.relativize(file).toString();
            if (attributes.isSymbolicLink()) {
              found.put(name, "-> " + Files.readSymbolicLink(file));
            } else if (attributes.size() > 10_000) {
              found.put(name, attributes.size() + " bytes");
            } else {
              found.put(name, Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
