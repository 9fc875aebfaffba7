package dev.millrace.builder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Copies that share blocks, on a real xfs. */
class XfsStoreTest extends StoreContract {
  private static @Nullable LoopDisk disk;

  @BeforeAll
  static void mount() throws IOException, InterruptedException {
    disk = LoopDisk.mount("xfs");
  }

  @AfterAll
  static void unmount() throws IOException {
    if (disk != null) {
      disk.close();
    }
  }

  @Override
  Path place() throws IOException {
    return requireNonNull(disk).newDirectory();
  }

  @Override
  Store open(Path directory, StepTrees owner) throws IOException, InterruptedException {
    return CopyStore.openSharingBlocks(directory, owner);
  }

  @Test
  void otherFileSystemsAreRefused() throws Exception {
    try (LoopDisk other = LoopDisk.mount("ext4")) {
      Path root = other.newDirectory();
      assertThatThrownBy(() -> open(root, StepTrees.ofThisUser()))
          .isInstanceOf(BuilderException.class)
          .hasMessageContaining("use a directory on xfs or btrfs");
    }
  }
}
