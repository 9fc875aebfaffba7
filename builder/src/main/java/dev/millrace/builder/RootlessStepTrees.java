package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
  private final SubordinateIds subordinates;

  /** Trees of this user, who may have steps of no user but root. */
  RootlessStepTrees(SubordinateIds subordinates) {
    this.subordinates = subordinates;
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
  public void copyOwnerAndMode(Path from, Path to) throws IOException, InterruptedException {
    // Most often the user's, as both are at first.
    if (!RootStepTrees.ownerAndMode(from).equals(RootStepTrees.ownerAndMode(to))) {
      run("chown", "--no-dereference", "--reference=" + from, "--", to.toString());
      run("chmod", "--reference=" + from, "--", to.toString());
    }
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
    String target = rootfs.toString();
    RootStepTrees.unpack(
        UserNamespace.enter(subordinates, List.of(target)),
        tar,
        Path.of(UserMounts.inside(target)),
        new TarShift(0, 0));
  }

  @Override
  public void pack(Path rootfs, OutputStream tar) throws IOException, InterruptedException {
    String source = rootfs.toString();
    RootStepTrees.pack(
        UserNamespace.enter(subordinates, List.of(source)),
        Path.of(UserMounts.inside(source)),
        new TarShift(0, 0),
        tar);
  }

  private void run(String... argv) throws IOException, InterruptedException {
    List<String> words = List.of(argv);
    List<String> full = new ArrayList<>(UserNamespace.enter(subordinates, words));
    words.forEach(word -> full.add(UserMounts.inside(word)));
    Command.of(full).read(1 << 16);
  }
}
