package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trees of steps on btrfs, where each tree is a subvolume: a copy is a snapshot, which takes the
 * same time whatever is in it, and a tree goes at once, its room a little later.
 *
 * <p>Steps cannot make subvolumes of their own (see {@code seccomp.txt}): those would be in no
 * snapshot. A directory that {@link #copy} is given may be no subvolume, as another store left it;
 * its copy is one.
 */
final class Subvolumes implements StepTrees {
  private static final int CREATE = 0x5000940e;
  private static final int DESTROY = 0x5000940f;
  private static final int SNAPSHOT = 0x50009417;

  /** {@code struct btrfs_ioctl_vol_args} and its second version: a descriptor first, then names. */
  private static final int ARGUMENTS_BYTES = 4096;

  private static final int NAME_AT = 8;
  private static final int SNAPSHOT_NAME_AT = 56;
  private static final int NAME_BYTES_MAX = 255;

  /** Every subvolume's root directory has this number, and nothing else does. */
  private static final long ROOT_INODE = 256;

  private final StepTrees trees;

  Subvolumes(StepTrees trees) {
    this.trees = trees;
  }

  /** Whether subvolumes can be made below a directory; throws what the kernel says if not. */
  static void tryOut(Path directory) throws IOException {
    Path probe = directory.resolve("probe");
    create(probe);
    destroy(probe);
  }

  private static void create(Path subvolume) throws IOException {
    change(CREATE, subvolume, 0, NAME_AT);
  }

  private static void destroy(Path subvolume) throws IOException {
    change(DESTROY, subvolume, 0, NAME_AT);
  }

  private static void snapshot(Path from, Path to) throws IOException {
    try (Linux.Descriptor source = Linux.open(from, 0)) {
      change(SNAPSHOT, to, source.number(), SNAPSHOT_NAME_AT);
    }
  }

  /** Makes one of the calls that are made on the directory that holds the subvolume's name. */
  private static void change(int request, Path subvolume, int source, int nameAt)
      throws IOException {
    byte[] name = subvolume.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > NAME_BYTES_MAX) {
      throw new IOException("The name of \"%s\" is too long".formatted(subvolume));
    }
    try (Linux.Descriptor parent = Linux.open(subvolume.resolveSibling("."), 0)) {
      Linux.control(
          parent,
          request,
          ARGUMENTS_BYTES,
          arguments -> {
            arguments.putLong(0, source);
            arguments.put(nameAt, name);
          });
    }
  }

  private static boolean isSubvolume(Path directory) throws IOException {
    return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        && inode(directory) == ROOT_INODE;
  }

  private static long inode(Path path) throws IOException {
    return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public int hostId(int id) {
    return trees.hostId(id);
  }

  @Override
  public void createDirectory(Path directory, User owner, int mode)
      throws IOException, InterruptedException {
    create(directory);
    trees.chown(directory, owner);
    Files.setAttribute(directory, "unix:mode", mode);
  }

  @Override
  public void chown(Path directory, User owner) throws IOException, InterruptedException {
    trees.chown(directory, owner);
  }

  @Override
  public void copyOwnerAndMode(Path from, Path to) throws IOException, InterruptedException {
    trees.copyOwnerAndMode(from, to);
  }

  @Override
  public void copy(Path from, Path to) throws IOException, InterruptedException {
    if (isSubvolume(from)) {
      snapshot(from, to);
    } else {
      create(to);
      trees.copy(from, to);
    }
  }

  /** Nothing needs to be noted: a snapshot shares what does not change by itself. */
  @Override
  public void note(Path tree, Path notes) {}

  @Override
  public void shareUnchanged(Path tree, Path original, Path notes) {}

  @Override
  public void move(Path from, Path to) throws IOException, InterruptedException {
    trees.move(from, to);
  }

  @Override
  public void delete(Path tree) throws IOException, InterruptedException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (isSubvolume(tree)) {
      destroy(tree);
      return;
    }
    for (Path subvolume : below(tree)) {
      destroy(subvolume);
    }
    trees.delete(tree);
  }

  /** The subvolumes in a folder of the store's own, which holds little else. */
  private static List<Path> below(Path folder) throws IOException, InterruptedException {
    String found =
        Command.of(
                "find",
                folder.toString(),
                "-xdev",
                "-type",
                "d",
                "-inum",
                Long.toString(ROOT_INODE),
                "-print0")
            .read(1 << 20);
    List<Path> subvolumes = new ArrayList<>();
    for (String path : found.split("\0")) {
      if (!path.isEmpty()) {
        subvolumes.add(Path.of(path));
      }
    }
    return subvolumes;
  }

  @Override
  public void unpack(InputStream tar, Path rootfs) throws IOException, InterruptedException {
    trees.unpack(tar, rootfs);
  }

  @Override
  public void pack(Path rootfs, OutputStream tar) throws IOException, InterruptedException {
    trees.pack(rootfs, tar);
  }
}
