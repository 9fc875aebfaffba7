package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnedDirectoryTest {
  /** Exits with status 0 if it gets the lock. */
  private static final String TRY_LOCK =
      "import fcntl,sys; f=open(sys.argv[1],'r+'); fcntl.lockf(f, fcntl.LOCK_EX|fcntl.LOCK_NB)";

  @TempDir private Path parent;

  private static boolean isLocked(Path file) throws IOException, InterruptedException {
    return Command.of("python3", "-c", TRY_LOCK, file.toString()).run((_, _) -> {}) != 0;
  }

  private List<Path> removeAbandoned() throws IOException, InterruptedException {
    List<Path> removed = new ArrayList<>();
    OwnedDirectory.removeAbandoned(
        parent,
        "a-",
        directory -> {
          removed.add(directory.getFileName());
          HostFiles.deleteTree(directory);
        });
    return removed;
  }

  @Test
  void isGoneWhenClosed() throws Exception {
    try (OwnedDirectory owned = OwnedDirectory.create(parent, "a-", HostFiles::deleteTree)) {
      Files.writeString(owned.path().resolve("f"), "x");
    }

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void isLeftAloneAndStaysLockedWhileItsOwnerLives() throws Exception {
    try (OwnedDirectory owned = OwnedDirectory.create(parent, "a-", HostFiles::deleteTree)) {
      assertThat(removeAbandoned()).isEmpty();

      assertThat(owned.path()).isDirectory();
      assertThat(isLocked(owned.lockFile())).isTrue();
    }
  }

  @Test
  void whatTheDeadLeftIsRemoved() throws Exception {
    Files.createDirectory(parent.resolve("a-with"));
    Files.createFile(parent.resolve("a-with.lock"));
    Files.createDirectory(parent.resolve("a-without"));
    Files.createFile(parent.resolve("a-alone.lock"));
    Files.createDirectory(parent.resolve("b-else"));

    removeAbandoned();

    assertThat(StoreFolders.children(parent)).containsExactly(parent.resolve("b-else"));
  }

  @Test
  void anotherProcesssStaysAsItIs() throws Exception {
    Files.createDirectory(parent.resolve("a-1"));
    Path lock = Files.createFile(parent.resolve("a-1.lock"));
    Process other =
        new ProcessBuilder(
                "python3",
                "-c",
                TRY_LOCK + "; print('locked', flush=True); sys.stdin.read()",
                lock.toString())
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("locked");

      assertThat(removeAbandoned()).isEmpty();
      assertThat(parent.resolve("a-1")).isDirectory();
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertThat(removeAbandoned()).containsExactly(Path.of("a-1"));
  }

  /** A second try in the same process once took the lock away from the first. */
  @Test
  void aRefusedLockStaysWhereItIs() throws Exception {
    try (DirectoryLock _ = DirectoryLock.take(parent, "the store")) {
      assertThatThrownBy(() -> DirectoryLock.take(parent, "the store"))
          .isInstanceOf(BuilderException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());

      assertThat(isLocked(parent.resolve("lock"))).isTrue();
    }
    assertThat(isLocked(parent.resolve("lock"))).isFalse();
  }
}
