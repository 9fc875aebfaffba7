package dev.millrace.builder;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;

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
}
