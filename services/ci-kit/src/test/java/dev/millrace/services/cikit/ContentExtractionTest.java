package dev.millrace.services.cikit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentExtractionTest {
  private static final String OPAM = "opam-version: \"2.0\"\n";
  private static final String HASH = "0123456789012345678901234567890123456789";

  @TempDir Path directory;
  private final List<String> log = new ArrayList<>();
  private final List<String> fetched = new ArrayList<>();

  private void file(String path, String text) throws IOException {
    Path file = directory.resolve("checkout").resolve(path);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
  }

  private ContentExtraction extraction(ContentExtraction.LocalPins localPins) {
    return new ContentExtraction(
        (url, commit, target) -> {
          fetched.add(url + "#" + commit);
          Files.createDirectories(target.resolve("opam"));
          Files.writeString(target.resolve("p.opam"), OPAM + "synopsis: \"p\"\n");
          Files.writeString(target.resolve("opam/q.opam"), OPAM + "synopsis: \"q\"\n");
        },
        localPins,
        directory.resolve("scratch"));
  }

  private RepositoryContent extract() throws Exception {
    return extraction(ContentExtraction.LocalPins.ALLOWED)
        .extract(directory.resolve("checkout"), log::add);
  }

  @Test
  void tellsRootPackagesFromVendoredOnes() throws Exception {
    file("b.opam", OPAM);
    file("a.1.0.opam", OPAM);
    file("vendor/lib/c.opam", OPAM);
    file("x/y/z/d.opam", OPAM);
    file("x/y/z/w/too-deep.opam", OPAM);
    file("vendor/.hidden/e.opam", OPAM);
    file(".f.opam", OPAM);
    file("README.md", "");

    RepositoryContent content = extract();

    assertThat(content.opamFiles())
        .containsExactly("a.1.0.opam", "b.opam", "vendor/lib/c.opam", "x/y/z/d.opam");
    assertThat(content.rootPackages())
        .extracting(PackageSource::pkg)
        .containsExactly("a.1.0", "b.dev");
    assertThat(content.vendoredPackages())
        .extracting(PackageSource::pkg)
        .containsExactly("c.dev", "d.dev");
    assertThat(content.ocamlformat()).isEqualTo(new OcamlformatRequest.Absent());
    assertThat(log).isEmpty();
  }

  @Test
  void ignoresTestsBelowTheTopAndEmptyFiles() throws Exception {
    file("test-me.opam", OPAM);
    file("empty.opam", "");
    file("test/a.opam", OPAM);
    file("src/testing/b.opam", OPAM);
    file("src/test_c.opam", OPAM);

    RepositoryContent content = extract();

    assertThat(content.opamFiles()).containsExactly("test-me.opam");
    assertThat(log)
        .containsExactlyInAnyOrder(
            "WARNING: ignored empty opam file \"empty.opam\"",
            "Ignoring test directory \"test/a.opam\"",
            "Ignoring test directory \"src/testing/b.opam\"",
            "Ignoring test directory \"src/test_c.opam\"");
  }

  @Test
  void namesEveryFaultWithItsPlace() throws Exception {
    file("a.opam", "opam-version: \"2.0\"\ndepends: [\n  \"dune\" {>= }\n]\n");
    file("b.opam", "opam-version: \"1.2\"\n");
    file("vendor/c.opam", OPAM + "depends: [\n");
    file("bad name.opam", OPAM);

    assertThatThrownBy(this::extract)
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("a.opam:3:")
        .hasMessageContaining("b.opam: Package b.dev uses unsupported opam version 1.2 (need >= 2)")
        .hasMessageContaining("vendor/c.opam:")
        .hasMessageContaining("\"bad name.opam\" is no package name");
  }

  @Test
  void refusesLargeFiles() throws Exception {
    file("a.opam", OPAM + "#".repeat(ContentExtraction.OPAM_BYTES_MAX));

    assertThatThrownBy(this::extract)
        .hasMessageContaining("File \"a.opam\" is too large: it must have at most 102400 bytes");
  }

  @Test
  void doesNotFollowLinksOutOfTheProject() throws Exception {
    file("a.opam", OPAM);
    Files.writeString(directory.resolve("outside.opam"), OPAM);
    Path checkout = directory.resolve("checkout");
    Files.createSymbolicLink(checkout.resolve("b.opam"), directory.resolve("outside.opam"));
    Files.createSymbolicLink(checkout.resolve("c.opam"), Path.of("a.opam"));
    Files.createSymbolicLink(checkout.resolve("d.opam"), Path.of("missing"));
    Files.createSymbolicLink(checkout.resolve("loop"), Path.of("."));
    Files.createSymbolicLink(checkout.resolve(".ocamlformat"), Path.of("/etc/passwd"));
    Files.createDirectories(checkout.resolve("directory.opam"));

    RepositoryContent content = extract();

    assertThat(content.opamFiles()).containsExactly("a.opam", "c.opam");
    assertThat(content.ocamlformat()).isEqualTo(new OcamlformatRequest.Absent());
    assertThat(log)
        .containsExactlyInAnyOrder(
            "WARNING: ignored opam file \"b.opam\": it is no file of this project",
            "WARNING: ignored opam file \"d.opam\": it is no file of this project");
  }

  @Test
  void takesAProjectWithoutOpamFiles() throws Exception {
    file("README.md", "nothing here");

    assertThat(extract().opamFiles()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version = 0.27.0 | 0.27.0",
        "version=0.26.2 | 0.26.2",
        "'  version  =  0.19.0-4-ga2f  # comment' | 0.19.0-4-ga2f",
        "'profile = default\nversion = 0.27.0\nmargin = 80' | 0.27.0"
      })
  void findsTheFormattersVersion(String text, String version) throws Exception {
    file("a.opam", OPAM);
    file(".ocamlformat", text);

    assertThat(extract().ocamlformat()).isEqualTo(new OcamlformatRequest.Version(version));
  }

  @Test
  void carriesFaultsOfTheFormattersFile() throws Exception {
    assertThat(OcamlformatFile.read("version = 1\nversion = 2\n", false).toString())
        .contains("Multiple 'version=' lines");
    assertThat(OcamlformatFile.read("profile = default\n", false).toString())
        .contains("missing version");
    assertThat(OcamlformatFile.read("", false).toString()).contains("missing version");
    assertThat(OcamlformatFile.read("version = $(reboot)\n", false))
        .isInstanceOf(OcamlformatRequest.Mistaken.class);
    assertThat(OcamlformatFile.read("version = \"}\n", false))
        .isInstanceOf(OcamlformatRequest.Mistaken.class);
    assertThat(OcamlformatFile.read("disable\n", false))
        .isEqualTo(new OcamlformatRequest.Disabled());
  }

  @Test
  void noticesThatFormattingIsEnabledSomewhere() throws Exception {
    file("a.opam", OPAM);
    file(".ocamlformat", "disable\n");
    file("src/deep/.ocamlformat-enable", "*.ml\n");

    assertThat(extract().ocamlformat().toString()).contains("disabled but enabled somewhere");
  }

  @Test
  void fetchesWhatRootPackagesPin() throws Exception {
    file(
        "a.opam",
        OPAM
            + """
            pin-depends: [
              ["p.dev" "git+https://example.org/p.git#%1$s"]
              ["q.1.0" "https://github.com/org/q/archive/%1$s.tar.gz"]
            ]
            """
                .formatted(HASH));
    file(
        "b.opam",
        OPAM + "pin-depends: [\"p.dev\" \"git+https://example.org/other#%s\"]\n".formatted(HASH));
    file(
        "vendor/v.opam",
        OPAM + "pin-depends: [\"r.dev\" \"git+https://example.org/r#%s\"]\n".formatted(HASH));

    RepositoryContent content = extract();

    assertThat(fetched)
        .containsExactly(
            "https://example.org/p.git#" + HASH, "https://github.com/org/q.git#" + HASH);
    assertThat(content.pinDepends())
        .extracting(pin -> pin.source().pkg() + " " + pin.source().file())
        .containsExactly("p.dev p.opam", "q.1.0 opam/q.opam");
    try (Stream<Path> left = Files.list(directory.resolve("scratch"))) {
      assertThat(left).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "git+https://example.org/p.git",
        "git+https://example.org/p.git#main",
        "git+http://example.org/p.git#" + HASH,
        "git+ssh://git@example.org/p.git#" + HASH,
        "https://example.org/p.tar.gz",
        "https://github.com/org/p/archive/main.tar.gz",
        "hg+https://example.org/p#" + HASH,
        "--upload-pack=evil"
      })
  void saysWhyAPinCannotBeTaken(String url) throws Exception {
    file("a.opam", OPAM + "pin-depends: [\"p.dev\" \"%s\"]\n".formatted(url));

    assertThatThrownBy(this::extract)
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("pin-depends")
        .hasMessageContaining("(processing pin-depends of a.dev)");
    assertThat(fetched).isEmpty();
  }

  @Test
  void saysWhenAPinnedRepositoryHasNoSuchPackage() throws Exception {
    file(
        "a.opam",
        OPAM + "pin-depends: [\"z.dev\" \"git+https://example.org/z#%s\"]\n".formatted(HASH));

    assertThatThrownBy(this::extract)
        .hasMessageContaining("no z.opam found in https://example.org/z at " + HASH);
  }

  @Test
  void takesLocalPinsOnlyWhereAllowed() throws Exception {
    file("a.opam", OPAM + "pin-depends: [\"p.dev\" \"git+file:///srv/p#%s\"]\n".formatted(HASH));

    assertThat(extract().pinDepends()).hasSize(1);
    assertThatThrownBy(
            () ->
                extraction(ContentExtraction.LocalPins.REFUSED)
                    .extract(directory.resolve("checkout"), log::add))
        .hasMessageContaining("must be had by https");
  }

  @Test
  void saysThatLockFilesOfMonoreposAreNotUsed() throws Exception {
    file("a.opam", OPAM);
    file("dune-project", "(lang dune 3.0)");
    file("a.opam.locked", OPAM + "x-opam-monorepo-version: \"0.3\"\n");

    extract();

    assertThat(log).singleElement().asString().contains("opam-monorepo");
  }

  @Test
  void survivesItsTextForm() throws Exception {
    file(
        "a.opam",
        OPAM + "pin-depends: [\"p.dev\" \"git+https://example.org/p#%s\"]\n".formatted(HASH));
    file("vendor/b.opam", OPAM + "# \u00e9 \"quoted\"\n");
    file(".ocamlformat", "version = 0.27.0\n");
    RepositoryContent content = extract();

    assertThat(RepositoryContent.decode(content.encode())).isEqualTo(content);
    assertThatThrownBy(() -> RepositoryContent.decode("{"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
