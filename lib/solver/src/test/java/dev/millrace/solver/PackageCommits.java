package dev.millrace.solver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes a git repository of commits to packages, with the branches {@code c0}, {@code c1} and so
 * on, each a commit further than the one before.
 */
final class PackageCommits implements AutoCloseable {
  private final Path repository;
  private final Path stream;
  private final OutputStream out;
  private int number;

  private PackageCommits(Path repository, Path stream) throws IOException {
    this.repository = repository;
    this.stream = stream;
    this.out = new BufferedOutputStream(Files.newOutputStream(stream));
  }

  /** Begins one in this directory. */
  static PackageCommits in(Path directory) throws IOException {
    return new PackageCommits(directory.resolve("repository"), directory.resolve("stream"));
  }

  /** The files {@code opam} below a directory with packages, by path, a character for each byte. */
  static Map<String, String> files(Path packages) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(packages.resolve("packages"), 3)) {
      for (Path path : paths.filter(p -> p.endsWith("opam") && Files.isRegularFile(p)).toList()) {
        files.put(
            packages.relativize(path).toString(), new String(Files.readAllBytes(path), ISO_8859_1));
      }
    }
    return files;
  }

  /** Adds a commit. */
  void add(Map<String, String> changed, List<String> removed) throws IOException {
    StringBuilder head = new StringBuilder("commit refs/heads/c" + number + "\n");
    head.append("committer a <a@example.org> ").append(1_700_000_000 + number).append(" +0000\n");
    head.append("data 1\nx\n");
    if (number > 0) {
      head.append("from refs/heads/c").append(number - 1).append('\n');
    }
    removed.forEach(path -> head.append("D ").append(path).append('\n'));
    out.write(head.toString().getBytes(UTF_8));
    for (Map.Entry<String, String> file : changed.entrySet()) {
      byte[] bytes = file.getValue().getBytes(ISO_8859_1);
      out.write(
          ("M 100644 inline " + file.getKey() + "\ndata " + bytes.length + "\n").getBytes(UTF_8));
      out.write(bytes);
      out.write('\n');
    }
    number++;
  }

  /** Ends, and returns the repository. */
  Path write() throws IOException, InterruptedException {
    out.close();
    Files.createDirectories(repository);
    run(new ProcessBuilder("git", "init", "-q", "--bare", "."));
    run(new ProcessBuilder("git", "fast-import", "--quiet").redirectInput(stream.toFile()));
    return repository;
  }

  private void run(ProcessBuilder command) throws IOException, InterruptedException {
    Process process =
        command
            .directory(repository.toFile())
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor()).as("%s", command.command()).isZero();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
