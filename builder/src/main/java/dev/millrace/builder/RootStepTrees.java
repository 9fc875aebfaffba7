package dev.millrace.builder;

import static java.util.Objects.requireNonNull;

import dev.millrace.base.Command;
import dev.millrace.base.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Trees of steps for a builder that runs as root: the step's ids are shifted by a constant.
 *
 * <p>Trees are walked by GNU {@code cp}, {@code rm} and {@code tar}, which do it by descriptors,
 * follow no links, and are not stopped by any depth.
 */
final class RootStepTrees implements StepTrees {
  /** The program behind {@link #note} and {@link #shareUnchanged}. */
  static final String SHARE = SeccompProfile.resource("share.pl");

  /** Where a step's id 0 is found on the host; see {@link StepTrees#HOST_ID_BASE}. */
  @Override
  public int hostId(int id) {
    if (id < 0 || id > 65535) {
      throw new IllegalArgumentException("An id must be 0 to 65535, was " + id);
    }
    return HOST_ID_BASE + id;
  }

  @Override
  public void createDirectory(Path directory, User owner, int mode) throws IOException {
    Files.createDirectory(directory);
    chown(directory, owner);
    Files.setAttribute(directory, "unix:mode", mode);
  }

  @Override
  public void chown(Path directory, User owner) throws IOException {
    Files.setAttribute(directory, "unix:uid", hostId(owner.uid()), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(directory, "unix:gid", hostId(owner.gid()), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void copyOwnerAndMode(Path from, Path to) throws IOException {
    Map<String, Object> attributes = ownerAndMode(from);
    for (String name : List.of("uid", "gid")) {
      Files.setAttribute(to, "unix:" + name, attributes.get(name), LinkOption.NOFOLLOW_LINKS);
    }
    int mode = (Integer) requireNonNull(attributes.get("mode"));
    Files.setAttribute(to, "unix:mode", mode & 07777);
  }

  static Map<String, Object> ownerAndMode(Path directory) throws IOException {
    return Files.readAttributes(directory, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void copy(Path from, Path to) throws IOException, InterruptedException {
    run("cp", "-a", "--reflink=auto", "-T", "--", from.toString(), to.toString());
  }

  @Override
  public void note(Path tree, Path notes) throws IOException, InterruptedException {
    run("perl", "-e", SHARE, "--", "note", tree.toString(), notes.toString());
  }

  @Override
  public void shareUnchanged(Path tree, Path original, Path notes)
      throws IOException, InterruptedException {
    run(
        "perl",
        "-e",
        SHARE,
        "--",
        "share",
        tree.toString(),
        original.toString(),
        notes.toString(),
        Integer.toString(Machine.current().utimensatCall()));
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path tree) throws IOException, InterruptedException {
    if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      run("rm", "-rf", "--one-file-system", "--", tree.toString());
    }
  }

  @Override
  public void unpack(InputStream tar, Path rootfs) throws IOException, InterruptedException {
    unpack(List.of(), tar, rootfs, new TarShift(0, HOST_ID_BASE));
    // Directories that the stream only implies are made by tar as the host's root.
    String owner = hostId(0) + ":" + hostId(0);
    run(
        "find",
        rootfs.toAbsolutePath().toString(),
        "-xdev",
        "-type",
        "d",
        "-uid",
        "0",
        "-exec",
        "chown",
        "-h",
        owner,
        "--",
        "{}",
        "+");
  }

  @Override
  public void pack(Path rootfs, OutputStream tar) throws IOException, InterruptedException {
    pack(List.of(), rootfs, new TarShift(HOST_ID_BASE, 0), tar);
  }

  /** Unpacks with {@code tar}, which {@code prefix} may put into a namespace. */
  static void unpack(List<String> prefix, InputStream tar, Path rootfs, TarShift shift)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(prefix);
    argv.addAll(
        List.of(
            "tar",
            "-x",
            "-p",
            "--numeric-owner",
            "--same-owner",
            "--xattrs",
            "--xattrs-include=*",
            "--warning=no-timestamp",
            "-f",
            "-",
            "-C",
            rootfs.toString()));
    Command.of(argv).withInput(out -> shift.copy(tar, out)).read(1 << 16);
  }

  /** Packs with {@code tar}, which {@code prefix} may put into a namespace. */
  static void pack(List<String> prefix, Path rootfs, TarShift shift, OutputStream out)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(prefix);
    argv.addAll(List.of("tar", "-c", "--numeric-owner", "--xattrs", "--xattrs-include=*"));
    argv.addAll(List.of("--sort=name", "-f", "-", "-C", rootfs.toString(), "."));
    try (TaskScope scope = TaskScope.open("tar", 1);
        PipedInputStream in = new PipedInputStream(1 << 20)) {
      PipedOutputStream pipe = new PipedOutputStream(in);
      var packing =
          scope.fork(
              () -> {
                try (pipe) {
                  return Command.of(argv).run((buffer, length) -> pipe.write(buffer, 0, length));
                }
              });
      shift.copy(in, out);
      scope.join();
      if (packing.result() != 0) {
        throw new IOException("tar " + Command.describe(packing.result()));
      }
    }
  }

  private static void run(String... argv) throws IOException, InterruptedException {
    Command.of(argv).read(1 << 16);
  }
}
