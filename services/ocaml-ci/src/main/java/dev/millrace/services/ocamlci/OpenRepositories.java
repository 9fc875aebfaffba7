package dev.millrace.services.ocamlci;

import dev.millrace.opam.OpamFileCache;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.services.cikit.CiKitException;
import java.io.UncheckedIOException;

/**
 * Opens the versions of opam repositories that jobs ask for; what was parsed once serves all of
 * them. Thread-safe.
 */
final class OpenRepositories {
  /** Enough for all packages that are published today. */
  private static final long FILES_MAX = 40_000;

  private final OpamFileCache cache = OpamFileCache.create(FILES_MAX);

  /**
   * Opens one; the caller closes it.
   *
   * @throws CiKitException if it is not there any more
   */
  OpamRepository open(RepositoryVersion version) {
    try {
      return switch (version.kind()) {
        case GIT -> OpamRepositories.git(version.location(), version.version(), cache);
        case FILES -> OpamRepositories.directory(version.location());
      };
    } catch (UncheckedIOException | IllegalArgumentException e) {
      throw CiKitException.of(
          "Cannot read the opam repository %s: %s".formatted(version, e.getMessage()), e);
    }
  }
}
