package dev.millrace.services.ocamlci;

import dev.millrace.services.cikit.ReproduceBlock.Versions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where packages and their sources come from, for people who do a job by hand.
 *
 * @param repository where packages are looked up
 * @param archiveMirror a directory or URL that is asked for sources first
 */
record PackageOrigin(RepositoryLocation repository, Optional<String> archiveMirror) {
  /** How to get the packages as they were. */
  Versions versions(RepositoryVersion version) {
    if (repository.equals(RepositoryLocation.PUBLIC)) {
      return new Versions.Public(version.version());
    }
    String copy =
        switch (version.kind()) {
          case GIT ->
              "git clone -q \"%s\" %2$s && git -C %2$s reset -q --hard %3$s"
                  .formatted(repository, Versions.REPOSITORY, version.version());
          case FILES -> "cp -r \"%s\" %s".formatted(repository, Versions.REPOSITORY);
        };
    return new Versions.Elsewhere(
        copy,
        archiveMirror
            .filter(mirror -> Files.isDirectory(Path.of(mirror)))
            .map(mirror -> "cp -r \"%s\" %s".formatted(mirror, Versions.ARCHIVES)));
  }
}
