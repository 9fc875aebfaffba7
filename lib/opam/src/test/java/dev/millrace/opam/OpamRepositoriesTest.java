package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpamRepositoriesTest {
  private static void write(Path directory, Map<String, String> files) throws IOException {
    for (var file : files.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.resolve("..").normalize());
      Files.writeString(path, file.getValue());
    }
  }

  private static String commit(Path directory, Map<String, String> files) throws Exception {
    write(directory, files);
    var author = new PersonIdent("a", "a@example.org");
    try (Git git = Git.init().setDirectory(directory.toFile()).call()) {
      git.add().addFilepattern(".").call();
      return git.commit()
          .setMessage("x")
          .setSign(false)
          .setAuthor(author)
          .setCommitter(author)
          .call()
          .name();
    }
  }

  @Nested
  final class DirectoryTest extends OpamRepositoryContract {
    @Override
    protected OpamRepository open(Map<String, String> files) throws Exception {
      write(directory, files);
      return OpamRepositories.directory(directory);
    }
  }

  @Nested
  final class GitTest extends OpamRepositoryContract {
    @Override
    protected OpamRepository open(Map<String, String> files) throws Exception {
      return OpamRepositories.git(directory, commit(directory, files));
    }
  }

  @Nested
  final class IndexedTest extends OpamRepositoryContract {
    @Override
    protected OpamRepository open(Map<String, String> files) throws Exception {
      return OpamIndex.inMemory().open(directory, commit(directory, files));
    }
  }

  /** What the index file says, to a process that has read nothing else. */
  @Nested
  final class IndexedFromFileTest extends OpamRepositoryContract {
    @Override
    protected OpamRepository open(Map<String, String> files) throws Exception {
      String commit = commit(directory, files);
      Path index = directory.resolve("index");
      OpamIndex.in(index).open(directory, commit).close();
      return OpamIndex.in(index).open(directory, commit);
    }
  }

  @Nested
  final class InMemoryTest extends OpamRepositoryContract {
    @Override
    protected OpamRepository open(Map<String, String> files) {
      return OpamRepositories.inMemoryFiles(files);
    }
  }

  /** Spreads the files over two repositories, with something older below. */
  @Nested
  final class OverlayTest extends OpamRepositoryContract {
    @Override
    protected OpamRepository open(Map<String, String> files) {
      var layers =
          List.of(new LinkedHashMap<String, String>(), new LinkedHashMap<String, String>());
      files.forEach(
          (path, text) -> layers.get(path.startsWith("packages/a/a.1.9") ? 1 : 0).put(path, text));
      return OpamRepositories.overlay(
          List.of(
              OpamRepositories.inMemoryFiles(layers.get(0)),
              OpamRepositories.inMemoryFiles(layers.get(1))));
    }
  }

  @Test
  void theLastOverlayCounts() {
    Package one = Package.parse("a.1");
    Package two = Package.parse("a.2");
    try (OpamRepository repository =
        OpamRepositories.overlay(
            List.of(
                OpamRepositories.inMemory(Map.of(one, "first", two, "first")),
                OpamRepositories.inMemory(Map.of(one, "second"))))) {
      assertThat(repository.findBytes(one))
          .hasValue("second".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(repository.findBytes(two))
          .hasValue("first".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(repository.listVersions(one.name())).hasSize(2);
    }
  }

  @Test
  void readsOldCommitsAndSharesParsedFiles(@TempDir Path directory) throws Exception {
    String text = "opam-version: \"2.0\"";
    String old = commit(directory, Map.of("packages/a/a.1/opam", text));
    String young = commit(directory, Map.of("packages/a/a.2/opam", text));
    OpamFileCache cache = OpamFileCache.create(10);
    Package one = Package.parse("a.1");

    try (OpamRepository before = OpamRepositories.git(directory, old, cache);
        OpamRepository after = OpamRepositories.git(directory.resolve(".git"), young, cache)) {
      assertThat(before.listVersions(one.name())).hasSize(1);
      assertThat(after.listVersions(one.name())).hasSize(2);
      assertThat(before.identity()).isEqualTo(old);
      assertThat(after.find(one).orElseThrow()).isSameAs(before.find(one).orElseThrow());
    }
  }

  @Test
  void saysWhichCommitIsMissing(@TempDir Path directory) throws Exception {
    String existing = commit(directory, Map.of("repo", ""));
    String missing = "0123456789012345678901234567890123456789";

    assertThat(existing).isNotEmpty();
    assertThatThrownBy(() -> OpamRepositories.git(directory, missing))
        .hasMessageContaining(missing)
        .hasMessageContaining("fetch it first");
    assertThatThrownBy(() -> OpamRepositories.git(directory.resolve("none"), missing))
        .hasMessageContaining("none");
    assertThatThrownBy(() -> OpamRepositories.directory(directory.resolve("none")))
        .hasMessageContaining("none");
  }

  @Test
  void doesNotFollowLinks(@TempDir Path directory) throws Exception {
    write(directory, Map.of("secret", "x", "packages/a/a.1/README", "x"));
    Files.createSymbolicLink(directory.resolve("packages/a/a.1/opam"), directory.resolve("secret"));
    Files.createSymbolicLink(
        directory.resolve("packages/a/a.1/files"), directory.resolve("packages"));
    try (OpamRepository repository = OpamRepositories.directory(directory)) {
      assertThat(repository.findBytes(Package.parse("a.1"))).isEmpty();
    }
  }

  @Test
  void closesEveryLayer() {
    var closed = new ArrayList<String>();
    OpamRepository inner = OpamRepositories.inMemory(Map.of());
    OpamRepositories.overlay(List.of(closing(inner, "a", closed), closing(inner, "b", closed)))
        .close();

    assertThat(closed).containsExactlyInAnyOrder("a", "b");
  }

  private static OpamRepository closing(OpamRepository inner, String name, List<String> closed) {
    return new RecordingRepository(inner, () -> closed.add(name));
  }
}
