package dev.millrace.opam;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the index says what the files say, whatever has become of its own file, and reads only what
 * it does not know.
 */
final class OpamIndexTest {
  private static final PersonIdent AUTHOR = new PersonIdent("a", "a@example.org");
  private static final Package A1 = Package.parse("a.1");

  @TempDir private Path directory;
  private Path repository;
  private Path cache;

  @BeforeEach
  void initialise() throws Exception {
    repository = directory.resolve("repository");
    cache = directory.resolve("cache");
    Git.init().setDirectory(repository.toFile()).call().close();
  }

  private String commit(Map<Package, String> files) throws Exception {
    for (var file : files.entrySet()) {
      Path path = file(file.getKey());
      Files.createDirectories(path.resolveSibling("."));
      Files.writeString(path, "opam-version: \"2.0\"\n" + file.getValue());
    }
    try (Git git = Git.open(repository.toFile())) {
      git.add().addFilepattern(".").call();
      return git.commit()
          .setMessage("x")
          .setSign(false)
          .setAuthor(AUTHOR)
          .setCommitter(AUTHOR)
          .call()
          .name();
    }
  }

  private Path file(Package target) {
    return repository.resolve("packages/" + target.name() + "/" + target + "/opam");
  }

  private static String object(Git git, String revision) throws IOException {
    return requireNonNull(git.getRepository().resolve(revision), revision).name();
  }

  /** Takes an object away from the repository. */
  private void lose(String revision) throws IOException {
    try (Git git = Git.open(repository.toFile())) {
      String hex = object(git, revision);
      Path object =
          repository.resolve(".git/objects/" + hex.substring(0, 2) + "/" + hex.substring(2));
      Files.delete(object);
    }
  }

  private String depends(OpamIndex index, String revision) throws Exception {
    try (OpamRepository opened = index.open(repository, revision)) {
      return opened.findTerms(A1).orElseThrow().depends().toString();
    }
  }

  private List<Path> indexFiles() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.toList();
    }
  }

  @Test
  void answersFromItsFileWithoutTheObjects() throws Exception {
    commit(Map.of(A1, "depends: \"b\""));
    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("b");
    lose("HEAD:packages/a/a.1/opam");
    lose("HEAD^{tree}");

    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("b");
    assertThat(indexFiles()).hasSize(1);
  }

  @Test
  void makesADamagedFileAnew() throws Exception {
    commit(Map.of(A1, "depends: \"b\""));
    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("b");
    Path file = indexFiles().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 0x10;
      Files.write(file, damaged);

      assertThat(IndexFile.read(file)).as("with byte %d changed", i).isEmpty();
    }
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
    assertThat(IndexFile.read(file)).isEmpty();

    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("b");
    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }

  @Test
  void readsOnlyWhatALaterCommitChanged() throws Exception {
    Package other = Package.parse("c.1");
    commit(Map.of(A1, "depends: \"b\"", other, "depends: \"d\""));
    OpamIndex index = OpamIndex.inMemory();
    assertThat(depends(index, "HEAD")).isEqualTo("b");
    lose("HEAD:packages/c/c.1/opam");
    String later = commit(Map.of(A1, "depends: \"e\"", Package.parse("a.2"), ""));

    try (OpamRepository opened = index.open(repository, later)) {
      assertThat(opened.findTerms(A1).orElseThrow().depends()).hasToString("e");
      assertThat(opened.findTerms(other).orElseThrow().depends()).hasToString("d");
      assertThat(opened.listVersions(A1.name())).hasSize(2);
      assertThat(opened.identity()).isEqualTo(later);
    }
    assertThat(depends(index, "HEAD~1")).isEqualTo("b");
  }

  @Test
  void seesThatTheBranchHasMovedOn() throws Exception {
    commit(Map.of(A1, "depends: \"b\""));
    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("b");
    commit(Map.of(A1, "depends: \"c\""));

    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("c");
    assertThat(depends(OpamIndex.in(cache), "HEAD")).isEqualTo("c");
  }

  @Test
  void namesTheFileWithAFaultWheneverItIsAskedFor() throws Exception {
    commit(Map.of(A1, "depends: ["));
    for (int run = 0; run < 2; run++) {
      try (OpamRepository opened = OpamIndex.in(cache).open(repository, "HEAD")) {
        assertThat(opened.listVersions(A1.name())).hasSize(1);
        assertThatThrownBy(() -> opened.findTerms(A1))
            .isInstanceOf(OpamParseException.class)
            .hasMessageStartingWith("packages/a/a.1/opam:2:");
      }
    }
  }

  @Test
  void namesTheObjectThatIsMissing() throws Exception {
    commit(Map.of(A1, "", Package.parse("c.1"), "depends: \"d\""));
    String blob;
    String tree;
    try (Git git = Git.open(repository.toFile())) {
      blob = object(git, "HEAD:packages/a/a.1/opam");
      tree = object(git, "HEAD:packages/c");
    }
    lose(blob);
    for (int run = 0; run < 2; run++) {
      try (OpamRepository opened = OpamIndex.in(cache).open(repository, "HEAD")) {
        assertThatThrownBy(() -> opened.findTerms(A1))
            .hasMessageContaining("packages/a/a.1/opam (object " + blob + ")");
        assertThat(opened.findTerms(Package.parse("c.1"))).isPresent();
      }
    }
    lose(tree);
    assertThatThrownBy(() -> OpamIndex.inMemory().open(repository, "HEAD"))
        .hasMessageContaining("packages/c (object " + tree + ")");
  }

  @Test
  void aFingerprintChangesWithTheFiles() throws Exception {
    String before = commit(Map.of(A1, "", Package.parse("c.1"), ""));
    String after = commit(Map.of(A1, "depends: \"b\""));
    OpamIndex index = OpamIndex.inMemory();

    try (OpamRepository old = index.open(repository, before);
        OpamRepository young = index.open(repository, after)) {
      assertThat(young.fingerprint(A1)).isNotEqualTo(old.fingerprint(A1));
      assertThat(young.fingerprint(A1.name())).isNotEqualTo(old.fingerprint(A1.name()));
      assertThat(young.fingerprint(PackageName.parse("c")))
          .isEqualTo(old.fingerprint(PackageName.parse("c")))
          .isNotEmpty();
      assertThat(young.fingerprint(PackageName.parse("zz"))).isEmpty();
    }
  }
}
