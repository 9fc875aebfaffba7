package dev.millrace.services.cikit;

import static dev.millrace.services.cikit.TestObjects.pkg;
import static dev.millrace.services.cikit.TestObjects.project;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.opam.OpamHash;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContextDirectoryTest {
  private static final byte[] CONTENT = "archive".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private Path checkout;
  private OpamRepository repository;

  @BeforeEach
  void makeProject() throws IOException {
    checkout = directory.resolve("checkout");
    Files.createDirectories(checkout.resolve("src"));
    Files.writeString(checkout.resolve("a.opam"), "opam-version: \"2.0\"\n");
    Files.writeString(checkout.resolve("src/a.ml"), "let () = ()\n");
    Files.createSymbolicLink(checkout.resolve("link"), Path.of("/etc/passwd"));
    Path home = directory.resolve("repository/packages/foo/foo.1.0");
    Files.createDirectories(home.resolve("files"));
    Files.writeString(home.resolve("opam"), "opam-version: \"2.0\"\n");
    Files.writeString(home.resolve("files/a.patch"), "patch");
    repository = OpamRepositories.directory(directory.resolve("repository"));
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  private static List<OpamHash> checksums() {
    return Stream.of(OpamHash.Kind.values())
        .map(a -> new OpamHash(a, HexFormat.of().formatHex(ArchiveCacheTest.digest(a, CONTENT))))
        .toList();
  }

  private SelectionSources sources() {
    return new SelectionSources(
        List.of("foo.1.0"),
        List.of(new ArchiveSource("foo.1.0", List.of(), checksums())),
        List.of(),
        List.of());
  }

  private ArchiveCache archives() throws Exception {
    Path mirror = directory.resolve("mirror");
    Path file = mirror.resolve(checksums().getFirst().mirrorPath());
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, CONTENT);
    ArchiveCache cache =
        ArchiveCache.open(
            directory.resolve("cache"),
            ArchiveCacheConfig.DEFAULT.withMirrors(List.of(mirror.toString())));
    cache.fetch(sources().archives(), _ -> {});
    return cache;
  }

  private ContextDirectory writer() throws Exception {
    return new ContextDirectory(
        repository,
        archives(),
        (url, commit, target) -> Files.writeString(target.resolve("p.opam"), url + "#" + commit));
  }

  private static List<String> tree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .filter(path -> Files.isSymbolicLink(path) || Files.isRegularFile(path))
          .map(path -> root.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void holdsTheProjectTheJobsPackagesAndTheirSources() throws Exception {
    RepositoryContent content =
        TestObjects.withPins(
            project(pkg("a.opam")), new PinnedPackage(pkg("p.opam"), "https://x.org/p.git", "ab"));
    Path context = directory.resolve("context");

    writer().write(context, checkout, content, sources());

    assertThat(tree(context))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of(
                        "opam-repository/packages/foo/foo.1.0/files/a.patch",
                        "opam-repository/packages/foo/foo.1.0/opam",
                        "opam-repository/repo",
                        "pins/p.dev/p.opam",
                        "source/a.opam",
                        "source/link",
                        "source/src/a.ml"),
                    checksums().stream().map(checksum -> "archives/" + checksum.mirrorPath()))
                .toList());
    assertThat(context.resolve("archives").resolve(checksums().getLast().mirrorPath()))
        .hasBinaryContent(CONTENT);
    assertThat(context.resolve("pins/p.dev/p.opam")).hasContent("https://x.org/p.git#ab");
    assertThat(context.resolve("source/link")).isSymbolicLink();
  }

  @Test
  void hasNoArchivesWhereNoneAreNeeded() throws Exception {
    Path context = directory.resolve("context");

    writer()
        .write(
            context,
            checkout,
            project(pkg("a.opam")),
            new SelectionSources(List.of("foo.1.0"), List.of(), List.of(), List.of()));

    assertThat(context.resolve("archives")).doesNotExist();
    assertThat(context.resolve("opam-repository/repo")).hasContent("opam-version: \"2.0\"\n");
  }

  @Test
  void asksForArchivesToBeFetchedFirst() throws Exception {
    ArchiveSource unknown =
        new ArchiveSource("bar.1", List.of(), List.of(OpamHash.parse("md5=" + "0".repeat(32))));
    ContextDirectory writer = writer();

    assertThatThrownBy(
            () ->
                writer.write(
                    directory.resolve("context"),
                    checkout,
                    project(),
                    new SelectionSources(List.of(), List.of(unknown), List.of(), List.of())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not fetched");
  }
}
