package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Path;

class CopyStoreTest extends StoreContract {
  @Override
  Store open(Path directory, StepTrees owner) throws IOException, InterruptedException {
    return CopyStore.open(directory, owner);
  }
}
