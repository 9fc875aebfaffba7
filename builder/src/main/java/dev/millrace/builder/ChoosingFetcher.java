package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gets a base in the way that its name says ({@code archive:}, {@code bootstrap:}), and an image
 * from a registry, or else from a Docker engine, or else made of packages where that is possible.
 * Says in the log which way was taken and why. Thread-safe.
 */
public final class ChoosingFetcher implements Fetcher {
  private final Optional<RegistryFetcher> registry;
  private final Optional<DockerFetcher> docker;
  private final BootstrapFetcher bootstrap;
  private final ArchiveFetcher archive;

  /** A fetcher that may take these ways; those that are left out are never tried. */
  public ChoosingFetcher(
      Optional<RegistryFetcher> registry,
      Optional<DockerFetcher> docker,
      BootstrapFetcher bootstrap,
      ArchiveFetcher archive) {
    this.registry = registry;
    this.docker = docker;
    this.bootstrap = bootstrap;
    this.archive = archive;
  }

  /**
   * How a base will be had.
   *
   * @param base a name that decides its content as well as can be: by digest from a registry, with
   *     recipe and packages when made of packages
   * @param way how
   * @param explanation the way and why, for people
   */
  public record Choice(String base, Way way, String explanation) {}

  /** The ways to a base. */
  public enum Way {
    /** From a registry. */
    REGISTRY,
    /** From a Docker engine. */
    DOCKER,
    /** Made of a distribution's packages. */
    BOOTSTRAP,
    /** From an archive on this machine. */
    ARCHIVE
  }

  /**
   * Decides how a base will be had, without getting it. What is returned may be given to {@link
   * #fetch} later, and be a key.
   *
   * @throws BuilderException if it cannot be had in any way: what was tried, why it failed
   */
  public Choice choose(String base) throws IOException, InterruptedException {
    if (base.startsWith(ArchiveFetcher.SCHEME)) {
      return new Choice(base, Way.ARCHIVE, "from an archive on this machine");
    }
    Optional<BootstrapBase> own = BootstrapBase.parse(base);
    if (base.startsWith("bootstrap:")) {
      return new Choice(
          own.orElseThrow().toString(),
          Way.BOOTSTRAP,
          "made of the distribution's packages, as its name says");
    }
    List<String> failures = new ArrayList<>();
    if (registry.isPresent()) {
      try {
        return new Choice(registry.get().pin(base), Way.REGISTRY, "pulled from the registry");
      } catch (BuilderException e) {
        failures.add("registry: " + e.getMessage());
      }
    }
    if (docker.isPresent()) {
      // An engine that cannot pull it either must not stand in the way of making it.
      if (own.isPresent() ? docker.get().has(base) : docker.get().isAvailable()) {
        return new Choice(base, Way.DOCKER, "from the Docker engine" + because(failures));
      }
      failures.add(own.isPresent() ? "Docker: no engine has it" : "Docker: no engine answers");
    }
    if (own.isPresent()) {
      return new Choice(
          own.get().toString(),
          Way.BOOTSTRAP,
          "made of the distribution's packages" + because(failures));
    }
    throw new BuilderException(
        "Cannot get base \"%s\": %s; it cannot be made of packages either (those that can: %s)"
            .formatted(base, String.join("; ", failures), String.join(", ", BootstrapBase.known())),
        null,
        true);
  }

  private static String because(List<String> failures) {
    return failures.isEmpty() ? "" : " (" + String.join("; ", failures) + ")";
  }

  @Override
  public List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException {
    Choice choice = choose(base);
    log.note("%s: %s".formatted(choice.base(), choice.explanation()));
    Fetcher fetcher =
        switch (choice.way()) {
          case REGISTRY -> registry.orElseThrow();
          case DOCKER -> docker.orElseThrow();
          case BOOTSTRAP -> bootstrap;
          case ARCHIVE -> archive;
        };
    return fetcher.fetch(choice.base(), rootfs, log);
  }
}
