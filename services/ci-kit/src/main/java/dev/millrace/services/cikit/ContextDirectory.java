package dev.millrace.services.cikit;

import dev.millrace.opam.OpamHash;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
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

  private final OpamRepository repository;
  private final ArchiveCache archives;
  private final PinSource pins;

  /** A writer that takes packages, their sources and pinned repositories from these. */
  public ContextDirectory(OpamRepository repository, ArchiveCache archives, PinSource pins) {
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

  private void writeRepository(Path directory, SelectionSources sources) throws IOException {
    Files.createDirectories(directory.resolve("packages"));
    Files.writeString(directory.resolve("repo"), REPO_FILE, StandardCharsets.UTF_8);
    for (String text : new TreeSet<>(sources.packages())) {
      Package pkg = Package.parse(text);
      Path home = directory.resolve("packages").resolve(pkg.name().text()).resolve(text);
      Files.createDirectories(home);
      Files.write(
          home.resolve("opam"),
          repository.findBytes(pkg).orElseThrow(() -> SelectionSources.missing(text)));
      for (Map.Entry<String, byte[]> file : repository.listFiles(pkg).entrySet()) {
        Path path = home.resolve("files").resolve(file.getKey()).normalize();
        if (!path.startsWith(home.resolve("files"))) {
          throw new CiKitException(
              "The opam repository's package %s has a file that leads outside: \"%s\""
                  .formatted(text, file.getKey()));
        }
        Files.createDirectories(path.resolveSibling(""));
        Files.write(path, file.getValue());
      }
    }
  }

  private void writeArchives(Path directory, SelectionSources sources) throws IOException {
    for (ArchiveSource source : sources.archives()) {
      Path kept = archives.require(source);
      OpamHash first = ArchiveCache.strongest(source);
      Path file = directory.resolve(first.mirrorPath());
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        Trees.linkFile(kept, file);
      }
      for (OpamHash checksum : source.checksums()) {
        Path link = directory.resolve(checksum.mirrorPath());
        if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(link.resolveSibling(""));
          Files.createSymbolicLink(link, ArchiveCache.linkTarget(first));
        }
      }
    }
  }
}
