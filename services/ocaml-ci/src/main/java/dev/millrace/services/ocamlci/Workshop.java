package dev.millrace.services.ocamlci;

import dev.millrace.builder.ArchiveFetcher;
import dev.millrace.builder.BootstrapFetcher;
import dev.millrace.builder.Builder;
import dev.millrace.builder.BuilderConfig;
import dev.millrace.builder.BuilderException;
import dev.millrace.builder.ChoosingFetcher;
import dev.millrace.builder.CopyStore;
import dev.millrace.builder.DockerFetcher;
import dev.millrace.builder.OverlayStore;
import dev.millrace.builder.RegistryFetcher;
import dev.millrace.builder.RuncSandbox;
import dev.millrace.builder.SandboxOptions;
import dev.millrace.builder.StepTrees;
import dev.millrace.builder.Store;
import dev.millrace.oci.Platform;
import dev.millrace.oci.Registry;
import dev.millrace.oci.RegistryConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** This machine's builder with its store and sandbox, opened and closed together. */
final class Workshop implements AutoCloseable {
  private final Store store;
  private final RuncSandbox sandbox;
  private final ChoosingFetcher fetcher;
  private final Builder builder;

  private Workshop(Store store, RuncSandbox sandbox, ChoosingFetcher fetcher, Builder builder) {
    this.store = store;
    this.sandbox = sandbox;
    this.fetcher = fetcher;
    this.builder = builder;
  }

  /**
   * Opens everything below a directory.
   *
   * @throws BuilderException if this machine cannot build
   */
  static Workshop open(Path directory, LocalConfig config)
      throws IOException, InterruptedException {
    StepTrees trees = StepTrees.ofThisUser();
    boolean root = config.machine().root();
    Store store =
        root
            ? OverlayStore.open(directory.resolve("store"), trees)
            : CopyStore.open(directory.resolve("store"), trees);
    try {
      SandboxOptions options = SandboxOptions.in(directory.resolve("run")).withFastSync(true);
      RuncSandbox sandbox =
          root ? RuncSandbox.open(trees.hostId(0), options) : RuncSandbox.openRootless(options);
      ChoosingFetcher fetcher = fetcher(directory, trees, config);
      Builder builder = Builder.open(BuilderConfig.in(directory), store, sandbox, fetcher);
      return new Workshop(store, sandbox, fetcher, builder);
    } catch (IOException | InterruptedException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static ChoosingFetcher fetcher(Path directory, StepTrees trees, LocalConfig local) {
    LocalConfig.BaseImages images = local.baseImages();
    Optional<RegistryFetcher> registry = Optional.empty();
    Optional<DockerFetcher> docker = Optional.empty();
    if (!images.bootstrapOnly()) {
      RegistryConfig config = RegistryConfig.in(directory.resolve("blobs"));
      if (images.registry().isPresent()) {
        config = config.withMirror(images.registry().get());
      }
      registry =
          Optional.of(
              new RegistryFetcher(
                  Registry.open(config), Platform.linux(local.machine().architecture()), trees));
      docker = Optional.of(new DockerFetcher(List.of(), trees));
    }
    return new ChoosingFetcher(
        registry,
        docker,
        new BootstrapFetcher(trees, directory.resolve("fetch"), Optional.empty()),
        new ArchiveFetcher(trees));
  }

  /** How a base will be had, under a name with everything in it that decides its content. */
  ChoosingFetcher.Choice choose(String base) throws IOException, InterruptedException {
    return fetcher.choose(base);
  }

  Builder builder() {
    return builder;
  }

  String describe() {
    return sandbox.describe();
  }

  @Override
  public void close() {
    builder.close();
    sandbox.close();
    store.close();
  }
}
