package dev.millrace.builder;

import dev.millrace.oci.Platform;
import dev.millrace.oci.Registry;
import dev.millrace.oci.RegistryConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A builder with all it needs of this machine, in one directory, opened and closed together: its
 * records, and below them {@code store}, {@code run}, {@code fetch} and {@code blobs}.
 */
public final class BuilderHome implements AutoCloseable {
  private final Sandbox sandbox;
  private final Store store;
  private final ChoosingFetcher fetcher;
  private final Builder builder;

  private BuilderHome(Sandbox sandbox, Store store, ChoosingFetcher fetcher, Builder builder) {
    this.sandbox = sandbox;
    this.store = store;
    this.fetcher = fetcher;
    this.builder = builder;
  }

  /**
   * What is to be opened.
   *
   * @param directory where; made when missing
   * @param store which store; empty for the fastest that works for this user
   * @param bases where bases come from
   * @param sandbox what is set of the sandbox, beside where it runs
   * @param builder what is set of the builder, beside where it keeps its records
   */
  public record Config(
      Path directory,
      Optional<StoreSpec.Kind> store,
      Bases bases,
      UnaryOperator<SandboxOptions> sandbox,
      UnaryOperator<BuilderConfig> builder) {
    /** The defaults, in a directory. */
    public static Config in(Path directory) {
      return new Config(
          directory,
          Optional.empty(),
          new Bases(Optional.empty(), false),
          UnaryOperator.identity(),
          UnaryOperator.identity());
    }

    /** The same with this store. */
    public Config withStore(StoreSpec.Kind newStore) {
      return new Config(directory, Optional.of(newStore), bases, sandbox, builder);
    }

    /** The same with bases from elsewhere. */
    public Config withBases(Bases newBases) {
      return new Config(directory, store, newBases, sandbox, builder);
    }

    /** The same with settings of the sandbox. */
    public Config withSandbox(UnaryOperator<SandboxOptions> newSandbox) {
      return new Config(directory, store, bases, newSandbox, builder);
    }

    /** The same with settings of the builder. */
    public Config withBuilder(UnaryOperator<BuilderConfig> newBuilder) {
      return new Config(directory, store, bases, sandbox, newBuilder);
    }
  }

  /**
   * Where bases come from.
   *
   * @param registry a registry to ask instead of the public one
   * @param bootstrapOnly whether to make them of the distribution's packages without asking anyone
   */
  public record Bases(Optional<String> registry, boolean bootstrapOnly) {}

  /**
   * Opens everything below a directory.
   *
   * @throws BuilderException if this machine cannot build, or another process uses the directory
   */
  public static BuilderHome open(Config config) throws IOException, InterruptedException {
    Path directory = config.directory();
    StepTrees trees = StepTrees.ofThisUser();
    // Before the store, which is of no use to a user who cannot run anything.
    Sandbox sandbox = sandbox(config, trees);
    try {
      Store store = store(config.store(), directory.resolve("store"), trees);
      try {
        ChoosingFetcher fetcher = fetcher(directory, trees, config.bases());
        Builder builder =
            Builder.open(
                config.builder().apply(BuilderConfig.in(directory)), store, sandbox, fetcher);
        return new BuilderHome(sandbox, store, fetcher, builder);
      } catch (IOException | InterruptedException | RuntimeException e) {
        store.close();
        throw e;
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  private static Sandbox sandbox(Config config, StepTrees trees)
      throws IOException, InterruptedException {
    SandboxOptions options =
        config.sandbox().apply(SandboxOptions.in(config.directory().resolve("run")));
    return UserIds.isRoot()
        ? RuncSandbox.open(trees.hostId(0), options)
        : BubblewrapSandbox.open(options);
  }

  private static Store store(Optional<StoreSpec.Kind> kind, Path directory, StepTrees trees)
      throws IOException, InterruptedException {
    if (kind.isEmpty()) {
      return Store.ofThisUser(directory, trees);
    }
    return switch (kind.get()) {
      case OVERLAYFS -> OverlayStore.open(directory, trees);
      case BTRFS -> CopyStore.openSubvolumes(directory, trees);
      case REFLINK -> CopyStore.openSharingBlocks(directory, trees);
      case COPY -> CopyStore.open(directory, trees);
    };
  }

  private static ChoosingFetcher fetcher(Path directory, StepTrees trees, Bases bases)
      throws IOException, InterruptedException {
    Optional<RegistryFetcher> registry = Optional.empty();
    Optional<DockerFetcher> docker = Optional.empty();
    if (!bases.bootstrapOnly()) {
      RegistryConfig config = RegistryConfig.in(directory.resolve("blobs"));
      if (bases.registry().isPresent()) {
        config = config.withMirror(bases.registry().get());
      }
      registry =
          Optional.of(
              new RegistryFetcher(
                  Registry.open(config),
                  Platform.linux(Machine.current().imageArchitecture()),
                  trees));
      docker = Optional.of(new DockerFetcher(List.of(), trees));
    }
    return new ChoosingFetcher(
        registry,
        docker,
        BootstrapFetcher.open(trees, directory.resolve("fetch"), Optional.empty()),
        new ArchiveFetcher(trees));
  }

  /** What builds. */
  public Builder builder() {
    return builder;
  }

  /** Why steps of this user cannot be run here; empty where they can. */
  public Optional<String> refusal(User user) {
    return sandbox.refusal(user);
  }

  /** How a base will be had, under a name with everything in it that decides its content. */
  public ChoosingFetcher.Choice choose(String base) throws IOException, InterruptedException {
    return fetcher.choose(base);
  }

  /** The named caches, in the order of their names. */
  public List<Store.NamedCache> caches() throws IOException {
    return store.caches();
  }

  /**
   * Removes a named cache; nothing happens if it is not there.
   *
   * @throws BuilderException if a build uses it
   */
  public void deleteCache(String name) throws IOException, InterruptedException {
    store.deleteCache(name);
  }

  /** The room for further snapshots. */
  public Store.Space space() throws IOException {
    return store.space();
  }

  /** Sandbox and store, in one line for people. */
  public String describe() {
    return sandbox.describe() + "; snapshots by " + store.describe();
  }

  @Override
  public void close() {
    builder.close();
    sandbox.close();
    store.close();
  }
}
