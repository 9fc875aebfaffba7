package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopyStoreTest extends StoreContract {
  private static final SnapshotId BASE = id('a');
  private static final SnapshotId NEXT = id('b');
  private static final FileTime LONG_AGO =
      FileTime.from(Instant.parse("2020-02-20T20:20:20.123456789Z"));

  @Override
  Store open(Path directory, StepTrees owner) throws IOException, InterruptedException {
    return CopyStore.open(directory, owner);
  }

  /** Whatever a step can do to hide a change: each of these once shared the wrong file. */
  @Test
  void snapshotsShareWhatAStepLeftAloneAndNothingElse() throws Exception {
    StepTrees trees = StepTrees.ofThisUser();
    try (Store store = open(temporary.resolve("shared"), trees)) {
      try (Store.Draft draft = store.begin(Optional.empty(), BASE)) {
        Path root = draft.rootfs();
        for (String file : new String[] {"d/same", "d/edited", "d/mode", "p/f", "q/f"}) {
          write(root.resolve(file), "old " + file.charAt(0));
        }
        Files.createLink(root.resolve("d/twin"), root.resolve("d/same"));
        Files.setLastModifiedTime(root.resolve("d"), LONG_AGO);
        draft.commit();
      }
      try (Store.Draft draft = store.begin(Optional.of(BASE), NEXT)) {
        Path root = draft.rootfs();
        write(root.resolve("d/edited"), "new d");
        Files.setPosixFilePermissions(
            root.resolve("d/mode"), PosixFilePermissions.fromString("rw-------"));
        Files.move(root.resolve("p"), root.resolve("away"));
        Files.move(root.resolve("q"), root.resolve("p"));
        Files.move(root.resolve("away"), root.resolve("q"));
        draft.commit();
      }

      try (Store.View base = store.open(BASE);
          Store.View next = store.open(NEXT)) {
        Path old = base.rootfs();
        Path now = next.rootfs();
        assertThat(inode(now.resolve("d/same"))).isEqualTo(inode(old.resolve("d/same")));
        assertThat(inode(now.resolve("d/twin"))).isEqualTo(inode(now.resolve("d/same")));
        assertThat(Files.getLastModifiedTime(now.resolve("d"))).isEqualTo(LONG_AGO);
        assertThat(now.resolve("d/edited")).hasContent("new d");
        assertThat(old.resolve("d/edited")).hasContent("old d");
        assertThat(mode(now.resolve("d/mode"))).isEqualTo("rw-------");
        assertThat(mode(old.resolve("d/mode"))).isEqualTo("rw-r--r--");
        assertThat(now.resolve("p/f")).hasContent("old q");
        assertThat(now.resolve("q/f")).hasContent("old p");
      }
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, LONG_AGO);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static Object inode(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
