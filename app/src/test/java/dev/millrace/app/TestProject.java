package dev.millrace.app;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A project in a git repository of its own, written with the real git. */
record TestProject(Path directory) {
  /** An empty repository without a commit. */
  static TestProject empty(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    TestProject project = new TestProject(directory);
    project.git("init", "-q", "-b", "main");
    return project;
  }

  /** A committed copy of a directory. */
  static TestProject copyOf(Path source, Path directory) throws IOException, InterruptedException {
    TestProject project = empty(directory);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = directory.resolve(source.relativize(file).toString());
        Files.createDirectories(target.resolveSibling(""));
        Files.copy(file, target);
      }
    }
    project.commit("First");
    return project;
  }

  /** Writes a file; it is not committed. */
  TestProject write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
    return this;
  }

  /** Commits everything. */
  TestProject commit(String subject) throws IOException, InterruptedException {
    git("add", "-A");
    git("-c", "user.name=Test", "-c", "user.email=test@example.invalid", "commit", "-qm", subject);
    return this;
  }

  /** The hash of the newest commit. */
  String head() throws IOException, InterruptedException {
    return git("rev-parse", "HEAD").strip();
  }

  private String git(String... arguments) throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of("git", "-C", directory.toString()));
    argv.addAll(List.of(arguments));
    return Command.of(argv).read(1 << 20);
  }
}
