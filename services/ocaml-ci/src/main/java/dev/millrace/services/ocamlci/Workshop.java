package dev.millrace.services.ocamlci;

import dev.millrace.builder.ArchiveFetcher;
import dev.millrace.builder.BootstrapFetcher;
import dev.millrace.builder.BubblewrapSandbox;
import dev.millrace.builder.Builder;
import dev.millrace.builder.BuilderConfig;
import dev.millrace.builder.BuilderException;
import dev.millrace.builder.ChoosingFetcher;
import dev.millrace.builder.DockerFetcher;
import dev.millrace.builder.RegistryFetcher;
import dev.millrace.builder.RuncSandbox;
import dev.millrace.builder.Sandbox;
import dev.millrace.builder.SandboxOptions;
import dev.millrace.builder.StepTrees;
import dev.millrace.builder.Store;
import dev.millrace.builder.User;
import dev.millrace.oci.Platform;
import dev.millrace.oci.Registry;
import dev.millrace.oci.RegistryConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** This machine's builder with its store and sandbox, opened and closed together. */
final class Workshop implements AutoCloseable {
  /** Who builds, in every base image of OCaml's. */
  private static final User OPAM = new User(1000, 1000);

  private final Store store;
  private final Sandbox sandbox;
  private final ChoosingFetcher fetcher;
  private final Builder builder;

  private Workshop(Store store, Sandbox sandbox, ChoosingFetcher fetcher, Builder builder) {
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
    // Before the store, which is of no use to a user who cannot run anything.
    Sandbox sandbox = sandbox(directory, trees, root);
    try {
      requireSecondUser(sandbox);
      Store store = Store.ofThisUser(directory.resolve("store"), trees);
      try {
        ChoosingFetcher fetcher = fetcher(directory, trees, config);
        Builder builder = Builder.open(BuilderConfig.in(directory), store, sandbox, fetcher);
        return new Workshop(store, sandbox, fetcher, builder);
      } catch (IOException | InterruptedException | RuntimeException e) {
        store.close();
        throw e;
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  private static Sandbox sandbox(Path directory, StepTrees trees, boolean root)
      throws IOException, InterruptedException {
    SandboxOptions options = SandboxOptions.in(directory.resolve("run")).withFastSync(true);
    return root ? RuncSandbox.open(trees.hostId(0), options) : BubblewrapSandbox.open(options);
  }

  /** Each build of OCaml's CI has steps of a user of their own: better none than all refused. */
  private static void requireSecondUser(Sandbox sandbox) {
    Optional<String> refusal = sandbox.refusal(OPAM);
    if (refusal.isPresent()) {
      throw new LocalException(
          LocalException.Kind.MACHINE,
          "Cannot run steps as the user opam (user (uid %d) (gid %d)): %s"
              .formatted(OPAM.uid(), OPAM.gid(), refusal.get()),
          null);
    }
  }

  private static ChoosingFetcher fetcher(Path directory, StepTrees trees, LocalConfig local)
      throws IOException, InterruptedException {
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
        BootstrapFetcher.open(trees, directory.resolve("fetch"), Optional.empty()),
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
    return sandbox.describe() + "; snapshots by " + store.describe();
  }

  @Override
  public void close() {
    builder.close();
    sandbox.close();
    store.close();
  }
}
