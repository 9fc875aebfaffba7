package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every repository does, wherever its files are. */
abstract class OpamRepositoryContract {
  @TempDir protected Path directory;

  /** Opens a repository of these files, by path. */
  protected abstract OpamRepository open(Map<String, String> files) throws Exception;

  private static String file(String fields) {
    return "opam-version: \"2.0\"\n" + fields;
  }

  private OpamRepository open() throws Exception {
    var files = new TreeMap<String, String>();
    files.put("repo", "opam-version: \"2.0\"");
    files.put("packages/b/b.1/opam", file("depends: \"a\""));
    files.put("packages/a/a.1.9/opam", file("synopsis: \"nine\""));
    files.put("packages/a/a.1.10/opam", file("synopsis: \"ten\""));
    files.put("packages/a/a.1.10/files/fix.patch", "fix");
    files.put("packages/a/a.1.10/files/sub/more", "more");
    files.put("packages/bad/bad.1/opam", "opam-version: [");
    return open(files);
  }

  @Test
  void listsNamesAndVersionsInOrder() throws Exception {
    try (OpamRepository repository = open()) {
      assertThat(repository.listNames())
          .extracting(PackageName::text)
          .containsExactly("a", "b", "bad");
      assertThat(repository.listVersions(PackageName.parse("a")))
          .extracting(PackageVersion::text)
          .containsExactly("1.9", "1.10");
      assertThat(repository.listVersions(PackageName.parse("zz"))).isEmpty();
    }
  }

  @Test
  void findsPackages() throws Exception {
    try (OpamRepository repository = open()) {
      Package ten = Package.parse("a.1.10");

      assertThat(repository.find(ten).orElseThrow().synopsis()).contains("ten");
      assertThat(repository.find(ten)).isPresent();
      assertThat(repository.findBytes(ten))
          .hasValueSatisfying(
              bytes -> assertThat(bytes).asString().isEqualTo(file("synopsis: \"ten\"")));
      assertThat(repository.find(Package.parse("a.2"))).isEmpty();
      assertThat(repository.findBytes(Package.parse("zz.1"))).isEmpty();
    }
  }

  @Test
  void namesTheFileThatCannotBeParsed() throws Exception {
    try (OpamRepository repository = open()) {
      assertThatThrownBy(() -> repository.find(Package.parse("bad.1")))
          .isInstanceOf(OpamParseException.class)
          .hasMessageStartingWith("packages/bad/bad.1/opam:1:16: ");
    }
  }

  @Test
  void listsExtraFiles() throws Exception {
    try (OpamRepository repository = open()) {
      Map<String, byte[]> files = repository.listFiles(Package.parse("a.1.10"));

      assertThat(files.keySet()).containsExactly("fix.patch", "sub/more");
      assertThat(files.get("sub/more")).isEqualTo("more".getBytes(StandardCharsets.UTF_8));
      assertThat(repository.listFiles(Package.parse("a.1.9"))).isEmpty();
      assertThat(repository.listFiles(Package.parse("zz.1"))).isEmpty();
    }
  }

  @Test
  void passesOverWhatIsNoPackage() throws Exception {
    Map<String, String> files =
        Map.of(
            "packages/README", "x",
            "packages/1/1.1/opam", file(""),
            "packages/c/c.1/README", "x",
            "packages/c/d.1/opam", file(""),
            "packages/c/c/opam", file(""),
            "packages/e/e.1/opam", file(""));
    try (OpamRepository repository = open(files)) {
      assertThat(repository.listNames()).extracting(PackageName::text).containsExactly("c", "e");
      assertThat(repository.listVersions(PackageName.parse("c"))).isEmpty();
    }
  }

  @Test
  void listsThePlainestOfEqualVersionsLast() throws Exception {
    Map<String, String> files =
        Map.of("packages/a/a.1.0/opam", file(""), "packages/a/a.1.00/opam", file(""));
    try (OpamRepository repository = open(files)) {
      assertThat(repository.listVersions(PackageName.parse("a")))
          .extracting(PackageVersion::text)
          .containsExactly("1.00", "1.0");
    }
  }

  @Test
  void anEmptyRepositoryHasNoNames() throws Exception {
    try (OpamRepository repository = open(Map.of("repo", ""))) {
      assertThat(repository.listNames()).isEmpty();
    }
  }

  @Test
  void contentHasOneIdentity() throws Exception {
    String identity;
    try (OpamRepository repository = open()) {
      identity = repository.identity();
      assertThat(repository.identity()).isEqualTo(identity).isNotEmpty();
    }
  }
}
