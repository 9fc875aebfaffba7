package dev.millrace.builder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Snapshots as subvolumes, on a real btrfs. */
class BtrfsStoreTest extends StoreContract {
  private static @Nullable LoopDisk disk;

  @BeforeAll
  static void mount() throws IOException, InterruptedException {
    disk = LoopDisk.mount("btrfs");
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
    return CopyStore.openSubvolumes(directory, owner);
  }

  @Override
  StepTrees treesOf(StepTrees owner) {
    return new Subvolumes(owner);
  }

  /** As when the directory was used as a store of copies before. */
  @Test
  void goesOnFromCopies() throws Exception {
    StepTrees trees = StepTrees.ofThisUser();
    Path root = requireNonNull(disk).newDirectory();
    try (Store copies = CopyStore.open(root, trees);
        Store.Draft draft = copies.begin(Optional.empty(), id('a'))) {
      Files.writeString(draft.rootfs().resolve("f"), "old");
      draft.commit();
    }

    try (Store store = open(root, trees)) {
      try (Store.Draft draft = store.begin(Optional.of(id('a')), id('b'))) {
        assertThat(draft.rootfs().resolve("f")).hasContent("old");
        assertThat(Files.getAttribute(draft.rootfs(), "unix:uid"))
            .isEqualTo(StepTrees.HOST_ID_BASE);
        draft.commit();
      }
      store.delete(id('b'));
      store.delete(id('a'));
      assertThat(StoreFolders.children(root.resolve("trash"))).isEmpty();
    }
  }

  @Test
  void otherFileSystemsAreRefused() throws Exception {
    assertThatThrownBy(() -> open(temporary.resolve("other"), StepTrees.ofThisUser()))
        .isInstanceOf(BuilderException.class)
        .hasMessageContaining("Use a directory on btrfs");
  }
}
