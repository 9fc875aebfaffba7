package dev.millrace.services.cikit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/**
 * Writes what a job copies from: {@code source/} with the project, {@code opam-repository/} with
 * nothing but the job's packages, {@code archives/} with their sources in the layout of opam's
 * archive mirrors, and {@code pins/} with the repositories that the project pins.
 *
 * <p>The same job always gives the same directory, so that unchanged parts of it give unchanged
 * steps. Large files are hard links to where they are kept: whoever reads the directory must not
 * write into it.
 */
public final class ContextDirectory {
  private static final String REPO_FILE = "opam-version: \"2.0\"\n";

  private final PackageFiles repository;
  private final ArchiveCache archives;
  private final PinSource pins;

  /** A writer that takes packages, their sources and pinned repositories from these. */
  public ContextDirectory(PackageFiles repository, ArchiveCache archives, PinSource pins) {
    this.repository = repository;
    this.archives = archives;
    this.pins = pins;
  }

  /**
   * Writes the context of one job. Its archives must have been fetched.
   *
   * @param target absent, or an empty directory
   * @param project the project's files
   */
  public void write(Path target, Path project, RepositoryContent content, SelectionSources sources)
      throws IOException, InterruptedException {
    Files.createDirectories(target);
    Trees.link(project.toRealPath(), target.resolve("source"));
    writeRepository(target.resolve("opam-repository"), sources);
    if (!sources.archives().isEmpty()) {
      writeArchives(target.resolve("archives"), sources);
    }
    for (PinnedPackage pin : content.pinDepends()) {
      Path directory = target.resolve("pins").resolve(pin.source().pkg());
      Files.createDirectories(directory);
      pins.export(pin.url(), pin.commit(), directory);
    }
  }

  private void writeRepository(Path directory, SelectionSources sources)
      throws IOException, InterruptedException {
    Files.createDirectories(directory.resolve("packages"));
    Files.writeString(directory.resolve("repo"), REPO_FILE, StandardCharsets.UTF_8);
    for (String pkg : new TreeSet<>(sources.packages())) {
      String name = pkg.substring(0, pkg.indexOf('.'));
      Path home = directory.resolve("packages").resolve(name).resolve(pkg);
      for (Map.Entry<String, byte[]> file : repository.read(pkg).entrySet()) {
        Path path = home.resolve(file.getKey()).normalize();
        if (!path.startsWith(home)) {
          throw new CiKitException(
              "The opam repository's package %s has a file that leads outside: \"%s\""
                  .formatted(pkg, file.getKey()));
        }
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
    }
  }

  private void writeArchives(Path directory, SelectionSources sources) throws IOException {
    for (ArchiveSource source : sources.archives()) {
      Path kept = archives.require(source);
      ArchiveChecksum first = ArchiveCache.strongest(source);
      Path file = directory.resolve(first.path());
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        Trees.linkFile(kept, file);
      }
      for (ArchiveChecksum checksum : source.checksums()) {
        Path link = directory.resolve(checksum.path());
        if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(link.resolveSibling(""));
          Files.createSymbolicLink(link, first.linkTarget());
        }
      }
    }
  }
}
