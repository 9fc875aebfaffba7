package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A base made of a few of this machine's own programs, in a blink. */
public final class HostPrograms implements Fetcher {
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  private static final List<String> PROGRAMS =
      List.of(
          "bash", "sh", "env", "cat", "ls", "tar", "id", "sleep", "find", "sort", "wc", "mkdir",
          "rm", "stat", "chmod", "chown", "mv", "ln", "true", "touch", "head", "rmdir", "cp",
          "mknod");

  private final StepTrees trees;

  HostPrograms(StepTrees trees) {
    this.trees = trees;
  }

  @Override
  public List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("host-programs");
    try {
      Path tar = directory.resolve("root.tar");
      write(tar);
      try (InputStream in = Files.newInputStream(tar)) {
        trees.unpack(in, rootfs);
      }
    } finally {
      HostFiles.deleteTree(directory);
    }
    return List.of(
        new Sandbox.Variable(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
  }

  /** Writes such a base as a tar archive, into a directory with nothing else. */
  public static void write(Path tar) throws IOException, InterruptedException {
    Set<String> files = new TreeSet<>();
    for (String program : PROGRAMS) {
      Path path = Path.of("/bin", program);
      files.add("bin/" + program);
      Matcher matcher = LIBRARY.matcher(Command.of("ldd", path.toString()).read(1 << 16));
      while (matcher.find()) {
        files.add(matcher.group(1).substring(1));
      }
    }
    Path empty = Files.createDirectory(tar.resolveSibling("empty"));
    for (String directory : List.of("etc", "proc", "sys", "dev", "tmp", "home", "usr")) {
      Path made = Files.createDirectory(empty.resolve(directory));
      Files.setAttribute(made, "unix:mode", directory.equals("tmp") ? 01777 : 0755);
    }
    Files.createSymbolicLink(empty.resolve("usr/bin"), Path.of("../bin"));
    run("-ch", tar, Path.of("/"), files);
    run("-r", tar, empty, List.of("."));
  }

  private static void run(String mode, Path tar, Path directory, Collection<String> files)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of("tar", mode, "--owner=:0", "--group=:0"));
    argv.addAll(List.of("-f", tar.toString(), "-C", directory.toString()));
    argv.addAll(files);
    Command.of(argv).read(1 << 16);
  }
}
