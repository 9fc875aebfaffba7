package dev.millrace.builder;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file system of its own in a file, mounted until it is closed. For root. */
final class LoopDisk implements AutoCloseable {
  /** xfs refuses to be smaller than 300 MB; files with holes take no room. */
  private static final String SIZE = "512M";

  private final Path image;
  private final Path mountPoint;

  private LoopDisk(Path image, Path mountPoint) {
    this.image = image;
    this.mountPoint = mountPoint;
  }

  /** Makes and mounts one, or skips the test where this machine cannot. */
  static LoopDisk mount(String type) throws IOException, InterruptedException {
    String mkfs = "mkfs." + type;
    assumeTrue(UserIds.isRoot(), "NOT TESTED: disks need root");
    assumeTrue(SharedRoot.isInstalled(mkfs), "NOT TESTED: " + mkfs + " is not installed");
    Path image = Files.createTempFile("millrace-" + type, ".img");
    Path mountPoint = Files.createTempDirectory("millrace-" + type);
    LoopDisk disk = new LoopDisk(image, mountPoint);
    try {
      run("truncate", "--size", SIZE, image.toString());
      run(mkfs, "-q", image.toString());
      run("mount", "-o", "loop", image.toString(), mountPoint.toString());
      return disk;
    } catch (IOException | InterruptedException e) {
      disk.removeFiles();
      throw e;
    }
  }

  /** A directory of it that nobody else has. */
  Path newDirectory() throws IOException {
    return Files.createTempDirectory(mountPoint, "t");
  }

  @Override
  public void close() throws IOException {
    Uninterrupted.run(() -> run("umount", mountPoint.toString()));
    removeFiles();
  }

  private void removeFiles() throws IOException {
    Files.deleteIfExists(image);
    Files.deleteIfExists(mountPoint);
  }

  private static void run(String... argv) throws IOException, InterruptedException {
    Command.of(argv).withTimeLimit(Duration.ofMinutes(1)).read(1 << 16);
  }
}
