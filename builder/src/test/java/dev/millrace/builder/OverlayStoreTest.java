package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OverlayStoreTest extends StoreContract {
  @BeforeAll
  static void requireRoot() throws IOException {
    assumeTrue(UserIds.isRoot(), "NOT TESTED: the overlay store needs root");
  }

  @Override
  Store open(Path directory, StepTrees owner) throws IOException, InterruptedException {
    return OverlayStore.open(directory, owner, () -> new RootOverlay(RootOverlay.Interface.LAYERS));
  }

  @Override
  int chainLength() {
    return Overlay.LAYERS_MAX + 2;
  }

  /** As when a kernel that had overlays no longer has them. */
  @Test
  void copiesGoOnFromWhatIsWhole() throws Exception {
    StepTrees trees = StepTrees.ofThisUser();
    Path root = temporary.resolve("handed-over");
    try (Store store = open(root, trees)) {
      try (Store.Draft base = store.begin(Optional.empty(), id('a'))) {
        Files.writeString(base.rootfs().resolve("f"), "whole");
        base.commit();
      }
      try (Store.Draft layer = store.begin(Optional.of(id('a')), id('b'))) {
        layer.commit();
      }
      for (String version : List.of("first", "second")) {
        try (Store.CacheCopy cache = store.openCache("c", User.ROOT)) {
          Files.writeString(cache.directory().resolve("v"), version);
        }
      }
    }

    try (Store store = CopyStore.open(root, trees);
        Store.View view = store.open(id('a'));
        Store.CacheCopy cache = store.openCache("c", User.ROOT)) {
      assertThat(store.list()).containsExactly(new Store.Stored(id('a'), Optional.empty()));
      assertThat(view.rootfs().resolve("f")).hasContent("whole");
      assertThat(cache.directory().resolve("v")).hasContent("first");
    }
    trees.delete(root);
  }
}
