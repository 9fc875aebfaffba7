package dev.millrace.builder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Run by {@link NamesLikeOptionsIT}: has the builder's parts start their programs on things with
 * names like options: of images, of archives, of directories in the directory where it runs. What
 * must not happen happens there.
 */
final class NamesLikeOptions {
  private NamesLikeOptions() {}

  /**
   * Runs.
   *
   * @param arguments the file with the names, one a line
   */
  public static void main(String[] arguments) throws Exception {
    StepTrees trees = StepTrees.ofThisUser();
    DockerFetcher docker = new DockerFetcher(List.of(), trees);
    RecordingLog log = new RecordingLog();
    Path here = Path.of("").toAbsolutePath();
    for (String name : Files.readAllLines(Path.of(arguments[0]))) {
      refused(() -> docker.has(name));
      refused(() -> docker.fetch(name, here.resolve("root"), log));
      archive(trees, here, name, log);
      trees(trees, name);
      refused(() -> BootstrapBase.parse("bootstrap:debian-13?packages=" + name));
    }
  }

  private interface Attempt {
    Object make() throws Exception;
  }

  /** Most of what is tried cannot be had here: no engine answers, no archive is one. */
  private static void refused(Attempt attempt) throws Exception {
    try {
      Object _ = attempt.make();
    } catch (BuilderException | IOException e) {
      System.err.println(e.getMessage());
    }
  }

  private static void archive(StepTrees trees, Path here, String name, BuildLog log)
      throws Exception {
    Path file = here.resolve(name.replace('/', '_') + ".tar.xz");
    Files.write(file, "no archive".getBytes(StandardCharsets.US_ASCII));
    Path root = Files.createTempDirectory(here, "root");
    refused(() -> new ArchiveFetcher(trees).fetch("archive:" + file, root, log));
  }

  /** Paths that a relative state directory would give. */
  private static void trees(StepTrees trees, String name) throws Exception {
    Path tree = Path.of(name.replace('/', '_'));
    Files.createDirectory(tree);
    Path copy = Path.of(tree + ".copy");
    trees.copy(tree, copy);
    trees.delete(copy);
    if (Files.exists(copy) || !Files.exists(tree)) {
      throw new AssertionError("Not \"%s\" was deleted but something else".formatted(copy));
    }
    refused(
        () -> {
          trees.unpack(new java.io.ByteArrayInputStream(new byte[1024]), tree);
          return tree;
        });
    trees.delete(tree);
  }
}
