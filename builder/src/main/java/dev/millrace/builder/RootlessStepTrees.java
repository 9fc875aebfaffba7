package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trees of steps for a builder that runs as an ordinary user: each operation is a process in a user
 * namespace, where that user is root and the user's subordinate ids are everyone else.
 */
final class RootlessStepTrees implements StepTrees {
  /** What puts a command into the namespace. */
  private final List<String> enter;

  /** Trees of this user, who may have steps of no user but root. */
  RootlessStepTrees(SubordinateIds subordinates) {
    List<String> argv = new ArrayList<>(UserNamespace.enter(subordinates));
    argv.add("--");
    this.enter = List.copyOf(argv);
  }

  @Override
  public int hostId(int id) {
    throw new IllegalStateException("Only the kernel knows the host's ids of a rootless builder");
  }

  @Override
  public void createDirectory(Path directory, User owner, int mode)
      throws IOException, InterruptedException {
    Files.createDirectory(directory);
    if (!owner.equals(User.ROOT)) {
      chown(directory, owner);
    }
    run("chmod", Integer.toOctalString(mode), "--", directory.toString());
  }

  @Override
  public void chown(Path directory, User owner) throws IOException, InterruptedException {
    run("chown", "--no-dereference", owner.uid() + ":" + owner.gid(), "--", directory.toString());
  }

  @Override
  public void copy(Path from, Path to) throws IOException, InterruptedException {
    run("cp", "-a", "--reflink=auto", "-T", "--", from.toString(), to.toString());
  }

  @Override
  public void note(Path tree, Path notes) throws IOException, InterruptedException {
    run("perl", "-e", RootStepTrees.SHARE, "--", "note", tree.toString(), notes.toString());
  }

  @Override
  public void shareUnchanged(Path tree, Path original, Path notes)
      throws IOException, InterruptedException {
    run(
        "perl",
        "-e",
        RootStepTrees.SHARE,
        "--",
        "share",
        tree.toString(),
        original.toString(),
        notes.toString(),
        Integer.toString(Machine.current().utimensatCall()));
  }

  @Override
  public void move(Path from, Path to) throws IOException, InterruptedException {
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    // The host may not rename a directory that belongs to somebody else.
    run("mv", "-T", "--", from.toString(), to.toString());
  }

  @Override
  public void delete(Path tree) throws IOException, InterruptedException {
    if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      run("rm", "-rf", "--one-file-system", "--", tree.toString());
    }
  }

  @Override
  public void unpack(InputStream tar, Path rootfs) throws IOException, InterruptedException {
    RootStepTrees.unpack(enter, tar, rootfs, 0);
  }

  private void run(String... argv) throws IOException, InterruptedException {
    List<String> full = new ArrayList<>(enter);
    full.addAll(List.of(argv));
    Command.of(full).read(1 << 16);
  }
}
