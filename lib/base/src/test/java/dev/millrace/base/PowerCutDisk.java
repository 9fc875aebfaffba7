package dev.millrace.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk that shows, at any moment, what it would hold if its power were cut then: an ext4 in a
 * file on an xfs, which copies that file at once and whole. What a program has written and not
 * synced is still in the kernel's memory, and so not in the copy; mounting the copy replays its
 * journal as after a power cut. Not modelled: a disk that reorders what it was given before a sync.
 *
 * <p>To be used in a program started through {@link #withPrivateMounts}: its mounts are seen by
 * nobody else, and go with it however it ends. One thread at a time.
 */
public final class PowerCutDisk implements AutoCloseable {
  /** Enough for the xfs itself, which refuses to be smaller. */
  private static final int XFS_MEGABYTES = 400;

  /** How many copies the xfs has room for, should all of each have changed. */
  private static final int COPIES = 4;

  private final Path directory;

  private PowerCutDisk(Path directory) {
    this.directory = directory;
  }

  /** It cannot be had on this machine. */
  public static final class NotAvailableException extends IOException {
    private NotAvailableException(IOException cause) {
      super("disks cannot be made here: " + cause.getMessage(), cause);
    }
  }

  /** What stands before the command of a program that uses disks. */
  public static List<String> withPrivateMounts() {
    return List.of("unshare", "--mount", "--propagation", "private", "--");
  }

  /**
   * Makes and mounts one.
   *
   * @param directory where its files are kept; exists
   * @throws NotAvailableException if this machine or user cannot: root, xfsprogs and e2fsprogs are
   *     needed
   */
  public static PowerCutDisk open(Path directory, int megabytes)
      throws IOException, InterruptedException {
    PowerCutDisk disk = new PowerCutDisk(directory);
    try {
      disk.mount(megabytes);
      return disk;
    } catch (ProcessException e) {
      disk.close();
      throw new NotAvailableException(e);
    }
  }

  private void mount(int megabytes) throws IOException, InterruptedException {
    Path xfs = directory.resolve("xfs.img");
    int size = XFS_MEGABYTES + COPIES * megabytes;
    run("truncate", "--size=%dM".formatted(size), xfs.toString());
    run("mkfs.xfs", "-q", "-m", "reflink=1", xfs.toString());
    mount(xfs, xfs());
    run("truncate", "--size=%dM".formatted(megabytes), image().toString());
    run("mkfs.ext4", "-q", "-F", image().toString());
    mount(image(), path());
  }

  private Path xfs() {
    return directory.resolve("xfs");
  }

  private Path image() {
    return xfs().resolve("disk.img");
  }

  /** Where the disk is mounted. */
  public Path path() {
    return directory.resolve("disk");
  }

  private static void mount(Path image, Path target) throws IOException, InterruptedException {
    Files.createDirectories(target);
    run("mount", "-o", "loop", image.toString(), target.toString());
  }

  /** What the disk would hold after a power cut now. */
  public Cut cut() throws IOException, InterruptedException {
    Path copy = xfs().resolve("cut.img");
    run("cp", "--reflink=always", image().toString(), copy.toString());
    return new Cut(copy, directory.resolve("cut"));
  }

  /** A disk after a power cut; mounted on demand, one at a time, and gone once closed. */
  public static final class Cut implements AutoCloseable {
    private final Path image;
    private final Path target;

    private Cut(Path image, Path target) {
      this.image = image;
      this.target = target;
    }

    /** Mounts it, and returns where. */
    public Path mount() throws IOException, InterruptedException {
      PowerCutDisk.mount(image, target);
      return target;
    }

    @Override
    public void close() throws IOException {
      unmount(target);
      Files.delete(image);
    }
  }

  private static void unmount(Path target) throws IOException {
    if (!Files.isDirectory(target)) {
      return;
    }
    try {
      // Fails where nothing is mounted, and then nothing is to be done.
      int _ = command("umount", target.toString()).run((_, _) -> {});
    } catch (InterruptedException e) {
      // The mount goes with the program, if not before.
      Thread.currentThread().interrupt();
    }
  }

  private static Command command(String... argv) {
    return Command.of(argv).withTimeLimit(Duration.ofMinutes(1));
  }

  private static void run(String... argv) throws IOException, InterruptedException {
    List<String> output = new ArrayList<>();
    int status =
        command(argv)
            .run(
                (buffer, length) ->
                    output.add(new String(buffer, 0, length, StandardCharsets.UTF_8)));
    if (status != 0) {
      throw new ProcessException(
          List.of(argv), Command.describe(status), String.join("", output).strip());
    }
  }

  @Override
  public void close() throws IOException {
    unmount(path());
    unmount(xfs());
  }
}
