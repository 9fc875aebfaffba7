package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store does. The implementation says how to open one. */
abstract class StoreContract {
  private static final SnapshotId A = id('a');
  private static final SnapshotId B = id('b');
  private static final SnapshotId C = id('c');

  @TempDir Path temporary;

  private StepTrees trees;
  private Path root;
  private Store store;

  static SnapshotId id(char digit) {
    return new SnapshotId(String.valueOf(digit).repeat(64));
  }

  abstract Store open(Path directory, StepTrees owner) throws IOException, InterruptedException;

  /** A directory of this test's own on the file system that the store is for. */
  Path place() throws IOException {
    return temporary;
  }

  /** How many snapshots on each other are tried: more than the store keeps apart, if it does. */
  int chainLength() {
    return 5;
  }

  @BeforeEach
  void open() throws IOException, InterruptedException {
    trees = StepTrees.ofThisUser();
    root = place().resolve("store");
    store = open(root, trees);
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    store.close();
    assertThat(Mounts.below(root.toRealPath())).isEmpty();
    assertThat(StoreFolders.children(root.resolve("draft"))).isEmpty();
    assertThat(StoreFolders.children(root.resolve("trash"))).isEmpty();
    treesOf(trees).delete(root);
  }

  /** What deletes the store's trees, when it is closed. */
  StepTrees treesOf(StepTrees owner) {
    return owner;
  }

  private void make(Optional<SnapshotId> base, SnapshotId id, String file, String text)
      throws IOException, InterruptedException {
    try (Store.Draft draft = store.begin(base, id)) {
      Files.writeString(draft.rootfs().resolve(file), text);
      Files.writeString(draft.sideDirectory().resolve("log"), "made " + file);
      draft.commit();
    }
  }

  private String read(SnapshotId id, String file) throws IOException, InterruptedException {
    try (Store.View view = store.open(id)) {
      return Files.readString(view.rootfs().resolve(file));
    }
  }

  @Test
  void knowsNothingAtFirst() throws Exception {
    assertThat(store.contains(A)).isFalse();
    assertThat(store.list()).isEmpty();
    assertThatThrownBy(() -> store.open(A))
        .isInstanceOf(BuilderException.class)
        .hasMessageContaining("is not in the store");
  }

  @Test
  void aSnapshotHasWhatItsBaseHasAndMore() throws Exception {
    make(Optional.empty(), A, "a", "1");
    make(Optional.of(A), B, "b", "2");
    make(Optional.of(B), C, "a", "3");

    assertThat(read(B, "a")).isEqualTo("1");
    assertThat(read(C, "b")).isEqualTo("2");
    assertThat(read(C, "a")).isEqualTo("3");
    assertThat(read(A, "a")).isEqualTo("1");
    assertThat(store.list())
        .containsExactly(
            new Store.Stored(A, Optional.empty()),
            new Store.Stored(B, Optional.of(A)),
            new Store.Stored(C, Optional.of(B)));
    assertThat(store.sideDirectory(B).resolve("log")).hasContent("made b");
  }

  @Test
  void deletedFilesStayDeleted() throws Exception {
    try (Store.Draft draft = store.begin(Optional.empty(), A)) {
      Files.createDirectory(draft.rootfs().resolve("d"));
      Files.writeString(draft.rootfs().resolve("d/f"), "old");
      Files.writeString(draft.rootfs().resolve("g"), "old");
      draft.commit();
    }
    try (Store.Draft draft = store.begin(Optional.of(A), B)) {
      Files.delete(draft.rootfs().resolve("g"));
      Files.delete(draft.rootfs().resolve("d/f"));
      Files.delete(draft.rootfs().resolve("d"));
      Files.createDirectory(draft.rootfs().resolve("d"));
      draft.commit();
    }
    make(Optional.of(B), C, "x", "y");

    try (Store.View view = store.open(C)) {
      assertThat(view.rootfs().resolve("g")).doesNotExist();
      assertThat(view.rootfs().resolve("d")).isEmptyDirectory();
    }
  }

  @Test
  void whatIsNotCommittedLeavesNothing() throws Exception {
    try (Store.Draft draft = store.begin(Optional.empty(), A)) {
      Files.writeString(draft.rootfs().resolve("a"), "1");
    }

    assertThat(store.contains(A)).isFalse();
    make(Optional.empty(), A, "b", "2");
    try (Store.View view = store.open(A)) {
      assertThat(view.rootfs().resolve("a")).doesNotExist();
    }
  }

  /** A user who presses Ctrl-C again and again, while cleaning up takes its time. */
  @Test
  void noInterruptionStopsCleaningUp() throws Exception {
    make(Optional.empty(), A, "a", "1");
    Store.Draft draft = store.begin(Optional.of(A), B);
    for (int i = 0; i < 2_000; i++) {
      Files.createFile(draft.rootfs().resolve("f" + i));
    }
    Store.CacheCopy cache = store.openCache("c", User.ROOT);
    Store.View view = store.open(A);

    InterruptedAgainAndAgain.whileDoing(draft::close, cache::close, view::close);

    assertThat(StoreFolders.children(root.resolve("draft"))).isEmpty();
    assertThat(StoreFolders.children(root.resolve("trash"))).isEmpty();
    assertThat(StoreFolders.children(root.resolve("cache/c-c"))).hasSize(1);
    assertThat(Mounts.below(root.toRealPath())).isEmpty();
  }

  @Test
  void deletingRemoves() throws Exception {
    make(Optional.empty(), A, "a", "1");

    store.delete(A);
    store.delete(B);

    assertThat(store.contains(A)).isFalse();
  }

  @Test
  void keepsSnapshotsAndRemovesLeftoversWhenReopened() throws Exception {
    make(Optional.empty(), A, "a", "1");
    Store.Draft left = store.begin(Optional.of(A), B);
    Files.writeString(left.rootfs().resolve("b"), "2");
    store.close();

    store = open(root, trees);

    assertThat(store.contains(A)).isTrue();
    assertThat(store.contains(B)).isFalse();
    assertThat(read(A, "a")).isEqualTo("1");
  }

  @Test
  void isForOneAtATime() {
    assertThatThrownBy(() -> open(root, trees))
        .isInstanceOf(BuilderException.class)
        .hasMessageContaining("process " + ProcessHandle.current().pid() + " uses it");
  }

  @Test
  void theRootDirectoryBelongsToTheStepsRoot() throws Exception {
    make(Optional.empty(), A, "a", "1");
    make(Optional.of(A), B, "b", "1");

    try (Store.View view = store.open(B)) {
      int expected = UserIds.isRoot() ? StepTrees.HOST_ID_BASE : UserIds.uid();
      assertThat(uid(view.rootfs())).isEqualTo(expected);
      assertThat(mode(view.rootfs())).isEqualTo(0755);
    }
  }

  @Test
  void manySnapshotsOnEachOther() throws Exception {
    make(Optional.empty(), A, "f", "t");
    SnapshotId last = A;
    for (int i = 0; i < chainLength(); i++) {
      SnapshotId next = new SnapshotId("%064x".formatted(i));
      make(Optional.of(last), next, "f" + i, "t" + i);
      last = next;
    }

    try (Store.View view = store.open(last)) {
      for (int i = 0; i < chainLength(); i++) {
        assertThat(view.rootfs().resolve("f" + i)).hasContent("t" + i);
      }
    }
  }

  @Test
  void hostileTreesAreDeletedAndNothingElse() throws Exception {
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    Files.writeString(outside.resolve("canary"), "alive");
    try (Store.Draft draft = store.begin(Optional.empty(), A)) {
      Path rootfs = draft.rootfs();
      Files.createSymbolicLink(rootfs.resolve("link"), outside);
      Files.createSymbolicLink(rootfs.resolve("loop"), Path.of("loop"));
      Path locked = Files.createDirectory(rootfs.resolve("locked"));
      Files.writeString(locked.resolve("f"), "x");
      Command.of("chmod", "000", locked.toString()).read(1000);
      deepen(rootfs, 3_000);
      draft.commit();
    }

    store.delete(A);

    assertThat(store.contains(A)).isFalse();
    assertThat(outside.resolve("canary")).hasContent("alive");
  }

  /** Makes directories in each other, deeper than any path can name. */
  private static void deepen(Path rootfs, int depth) throws IOException, InterruptedException {
    Command.of(
            "python3",
            "-c",
            "import os,sys\nos.chdir(sys.argv[1])\nfor i in range(int(sys.argv[2])):\n os.mkdir('d'); os.chdir('d')\n",
            rootfs.toString(),
            Integer.toString(depth))
        .read(1 << 16);
  }

  @Test
  void aCacheIsEmptyAtFirstAndBelongsToItsUser() throws Exception {
    try (Store.CacheCopy copy = store.openCache("a/1", new User(123, 456))) {
      assertThat(copy.directory()).isEmptyDirectory();
      if (UserIds.isRoot()) {
        assertThat(uid(copy.directory())).isEqualTo(StepTrees.HOST_ID_BASE + 123);
      }
    }
  }

  @Test
  void whoPublishesACacheFirstWins() throws Exception {
    User user = User.ROOT;
    try (Store.CacheCopy copy = store.openCache("c", user)) {
      Files.writeString(copy.directory().resolve("v"), "1");
    }
    Store.CacheCopy slow = store.openCache("c", user);
    Store.CacheCopy fast = store.openCache("c", user);
    assertThat(slow.directory().resolve("v")).hasContent("1");
    Files.writeString(slow.directory().resolve("v"), "slow");
    Files.writeString(fast.directory().resolve("v"), "fast");

    fast.close();
    slow.close();

    try (Store.CacheCopy copy = store.openCache("c", user)) {
      assertThat(copy.directory().resolve("v")).hasContent("fast");
    }
  }

  @Test
  void aCacheOutlivesManyUsesAndARestart() throws Exception {
    for (int i = 0; i < 25; i++) {
      try (Store.CacheCopy copy = store.openCache("c", User.ROOT)) {
        assertThat(copy.directory().resolve("n" + (i - 1)).toFile().exists()).isEqualTo(i > 0);
        Files.writeString(copy.directory().resolve("n" + i), "x");
        if (i > 0) {
          Files.delete(copy.directory().resolve("n" + (i - 1)));
        }
      }
    }
    store.close();
    store = open(root, trees);

    try (Store.CacheCopy copy = store.openCache("c", User.ROOT)) {
      assertThat(copy.directory().toFile().list()).containsExactly("n24");
    }
    assertThat(StoreFolders.children(root.resolve("cache/c-c")).size()).isLessThan(12);
  }

  @Test
  void cacheNamesLeadNowhere() throws Exception {
    for (String name : List.of("", "..", "../../x", "a/../../b", "\n")) {
      try (Store.CacheCopy copy = store.openCache(name, User.ROOT)) {
        assertThat(copy.directory()).isDirectory();
      }
    }

    assertThat(StoreFolders.children(root.resolve("cache"))).hasSize(5);
    assertThat(root.resolveSibling("x")).doesNotExist();
  }

  @Test
  void cachesAreListedAndDeletedUnlessInUse() throws Exception {
    for (String name : List.of("a/1 %", "b")) {
      try (Store.CacheCopy copy = store.openCache(name, User.ROOT)) {
        Files.writeString(copy.directory().resolve("v"), "1");
      }
    }
    assertThat(store.caches().stream().map(Store.NamedCache::name)).containsExactly("a/1 %", "b");

    try (Store.CacheCopy copy = store.openCache("b", User.ROOT)) {
      assertThatThrownBy(() -> store.deleteCache("b"))
          .isInstanceOf(BuilderException.class)
          .hasMessageContaining("\"b\"");
      assertThat(copy.directory().resolve("v")).hasContent("1");
    }
    store.deleteCache("b");
    store.deleteCache("never was");

    assertThat(store.caches().stream().map(Store.NamedCache::name)).containsExactly("a/1 %");
    try (Store.CacheCopy copy = store.openCache("b", User.ROOT)) {
      assertThat(copy.directory()).isEmptyDirectory();
    }
  }

  @Test
  void unpacksWithOwnersButWithoutDevices() throws Exception {
    Path tree = Files.createDirectory(temporary.resolve("tree"));
    Files.writeString(tree.resolve("f"), "text");
    Command.of("mkfifo", tree.resolve("pipe").toString()).read(1000);
    Path tar = temporary.resolve("tree.tar");
    Command.of("tar", "-cf", tar.toString(), "--owner=:7", "--group=:9", "-C", tree.toString(), ".")
        .read(1000);
    try (Store.Draft draft = store.begin(Optional.empty(), A);
        var in = Files.newInputStream(tar)) {
      trees.unpack(in, draft.rootfs());
      assertThat(draft.rootfs().resolve("f")).hasContent("text");
      if (UserIds.isRoot()) {
        assertThat(uid(draft.rootfs().resolve("f"))).isEqualTo(StepTrees.HOST_ID_BASE + 7);
      }
    }
  }

  @Test
  void directoriesThatAnArchiveOnlyImpliesBelongToTheStepsRoot() throws Exception {
    assumeTrue(UserIds.isRoot(), "as an ordinary user all that tar makes does");
    Path tree = Files.createDirectories(temporary.resolve("tree/a/b"));
    Files.writeString(tree.resolve("f"), "text");
    Path tar = temporary.resolve("tree.tar");
    String from = temporary.resolve("tree").toString();
    Command.of("tar", "-cf", tar.toString(), "--owner=:0", "--group=:0", "-C", from, "a/b/f")
        .read(1000);
    try (Store.Draft draft = store.begin(Optional.empty(), A);
        var in = Files.newInputStream(tar)) {
      trees.unpack(in, draft.rootfs());
      for (String made : List.of("a", "a/b", "a/b/f")) {
        assertThat(uid(draft.rootfs().resolve(made))).as(made).isEqualTo(StepTrees.HOST_ID_BASE);
      }
    }
  }

  private static int uid(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }
}
