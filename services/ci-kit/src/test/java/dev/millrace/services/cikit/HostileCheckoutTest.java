package dev.millrace.services.cikit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkouts made to harm who reads them. Goal: nothing outside is read, nothing blocks, logs and
 * messages stay short and on their lines.
 */
final class HostileCheckoutTest {
  private static final String OPAM = "opam-version: \"2.0\"\n";
  private static final String HASH = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path directory;
  private final List<String> log = new ArrayList<>();
  private final List<String> fetched = new ArrayList<>();

  private Path file(String path, String text) throws IOException {
    Path file = directory.resolve("checkout").resolve(path);
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, text);
  }

  private RepositoryContent extract(ContentExtraction.LocalPins pins) throws Exception {
    return new ContentExtraction(
            (url, commit, target) -> {
              fetched.add(url + "#" + commit);
              Files.writeString(target.resolve("p.opam"), OPAM);
            },
            pins,
            directory.resolve("scratch"))
        .extract(directory.resolve("checkout"), log::add);
  }

  private RepositoryContent extract() throws Exception {
    return extract(ContentExtraction.LocalPins.ALLOWED);
  }

  private void logIsPlain() {
    assertThat(log).allSatisfy(line -> assertThat(line).doesNotContainPattern("\\p{Cntrl}"));
    assertThat(log.size()).isLessThan(150);
  }

  @Test
  void looksIntoNothingButFiles() throws Exception {
    file("a.opam", OPAM);
    Path checkout = directory.resolve("checkout");
    for (String name : List.of("pipe.opam", ".ocamlformat", "x.opam.locked", "dune-project")) {
      Command.of("mkfifo", "--", checkout.resolve(name).toString()).read(100);
    }
    Files.createSymbolicLink(checkout.resolve("zero.opam"), Path.of("/dev/zero"));
    Files.createSymbolicLink(checkout.resolve("passwd.opam"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(checkout.resolve("loop.opam"), Path.of("loop.opam"));
    Files.createSymbolicLink(checkout.resolve("up"), Path.of("../.."));
    Files.createSymbolicLink(checkout.resolve("here"), Path.of("."));

    RepositoryContent content = extract();

    assertThat(content.opamFiles()).containsExactly("a.opam");
    assertThat(content.ocamlformat()).isEqualTo(new OcamlformatRequest.Absent());
    assertThat(log).hasSize(4);
    logIsPlain();
  }

  @Test
  void leavesOutWhatLogsAndSpecsCannotName() throws Exception {
    file("a.opam", OPAM);
    file("new\nline/b.opam", OPAM);
    file("e\u001b[31m/c.opam", OPAM);
    file("left\u202eright/d.opam", OPAM);
    file("f\rg.opam", OPAM);
    Path strange = directory.resolve("strange.sh");
    Files.writeString(
        strange, "cd \"$1\" && printf 'opam-version: \"2.0\"\\n' > \"$(printf 'bad\\377.opam')\"");
    Command.of("sh", strange.toString(), directory.resolve("checkout").toString()).read(100);

    assertThat(extract().opamFiles()).containsExactly("a.opam");
    assertThat(log)
        .hasSize(5)
        .allSatisfy(line -> assertThat(line).contains("must be UTF-8 without control characters"));
    logIsPlain();
  }

  @Test
  void warnsOfAHundredThousandFilesInAHundredLines() throws Exception {
    file("a.opam", OPAM);
    for (int i = 0; i < 100_000; i++) {
      Files.createFile(directory.resolve("checkout").resolve("e" + i + ".opam"));
    }

    assertThat(extract().opamFiles()).containsExactly("a.opam");
    assertThat(log).hasSize(101);
    assertThat(log.getLast()).contains("and more");
  }

  @Test
  void refusesMoreFilesAndBytesThanAProjectHas() throws Exception {
    for (int i = 0; i < 2_001; i++) {
      file("p" + i + ".opam", OPAM);
    }
    assertThatThrownBy(this::extract)
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("more than 2000 opam files");

    String large = OPAM + "# " + "x".repeat(ContentExtraction.OPAM_BYTES_MAX - 100);
    for (int i = 0; i < 2_001; i++) {
      Path file = directory.resolve("checkout/p" + i + ".opam");
      Files.delete(file);
      if (i < 400) {
        Files.writeString(file, large);
      }
    }
    assertThatThrownBy(this::extract)
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("more than 32 MiB of opam files");
  }

  @Test
  void namesTheFirstFaultsOnly() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      file("p" + i + ".opam", OPAM + "depends: [");
    }

    assertThatThrownBy(this::extract)
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("and perhaps more")
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(21));
  }

  @Test
  void goesNotIntoTheDepth() throws Exception {
    file("a.opam", OPAM);
    file(".ocamlformat", "disable\n");
    Path deep = directory.resolve("checkout");
    for (int i = 0; i < 300; i++) {
      deep = deep.resolve("d");
    }
    Files.createDirectories(deep);
    Files.writeString(deep.resolve("deep.opam"), OPAM);

    RepositoryContent content = extract();

    assertThat(content.opamFiles()).containsExactly("a.opam");
    assertThat(content.ocamlformat()).isEqualTo(new OcamlformatRequest.Disabled());
  }

  @Test
  void shortensWhatTheFormattersFileSays() throws Exception {
    file("a.opam", OPAM);
    file(".ocamlformat", "version = \u001b\n".repeat(5_000));
    assertThat(extract().ocamlformat().toString())
        .hasSizeLessThan(300)
        .doesNotContainPattern("\\p{Cntrl}");
    file(".ocamlformat", "version = " + "9".repeat(90_000) + "\n");
    assertThat(extract().ocamlformat().toString()).hasSizeLessThan(300);
  }

  @Test
  void readsBytesThatAreNotUtf8() throws Exception {
    Files.write(file("a.opam", ""), (OPAM + "synopsis: \"\u00e9\"\n").getBytes(ISO_8859_1));

    assertThat(extract().rootPackages()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "git+https://example.org/p#main",
        "git+https://example.org/p#v1.0",
        "git+https://example.org/p#0123456",
        "git+https://example.org/p",
        "git+https://example.org/p#HASHf",
        "git+https://example.org/p#HASH#HASH",
        "git+https://example.org/p #HASH",
        "git+https://example.org/$(id)#HASH",
        "git+https://example.org/a'b#HASH",
        "git+https://-oProxyCommand=x/p#HASH",
        "git+https://#HASH",
        "git+http://example.org/p#HASH",
        "git+ssh://git@example.org/p#HASH",
        "git://example.org/p.git#HASH",
        "git+ext::sh -c id#HASH",
        "git+git@example.org:p#HASH",
        "git+file://host/p#HASH",
        "git+/srv/p#HASH",
        "git+--upload-pack=id#HASH",
        "https://github.com/o/r/archive/main.tar.gz",
        "https://github.com/o/r/archive/refs/tags/v1.tar.gz",
        "https://github.com/o/../../x/archive/HASH.tar.gz",
        "http://github.com/o/r/archive/HASH.tar.gz",
        "https://github.com.evil.org/o/r/archive/HASH.tar.gz",
        "https://example.org/p.tar.gz",
        "hg+https://example.org/p#HASH",
        "file:///etc/passwd"
      })
  void takesNoPinThatIsNotACommitHadByHttps(String url) throws Exception {
    file("a.opam", OPAM + "pin-depends: [\"p.dev\" \"%s\"]\n".formatted(url.replace("HASH", HASH)));

    assertThatThrownBy(this::extract)
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("(processing pin-depends of a.dev)");
    assertThat(fetched).isEmpty();
  }

  @Test
  void takesPinsOnThisMachineOnlyForThoseWhoOwnIt() throws Exception {
    file("a.opam", OPAM + "pin-depends: [\"p.dev\" \"git+file:///srv/p#%s\"]\n".formatted(HASH));

    assertThat(extract().pinDepends()).hasSize(1);
    assertThatThrownBy(() -> extract(ContentExtraction.LocalPins.REFUSED))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("must be had by https");
    assertThat(fetched).containsExactly("file:///srv/p#" + HASH);
  }

  @Test
  void spellsTheHashOfAPinInOneWay() throws Exception {
    file(
        "a.opam",
        OPAM
            + "pin-depends: [\"p.dev\" \"git+https://example.org/p.git#%s\"]\n"
                .formatted(HASH.toUpperCase(Locale.ROOT)));

    extract();

    assertThat(fetched).containsExactly("https://example.org/p.git#" + HASH);
    try (Stream<Path> left = Files.list(directory.resolve("scratch"))) {
      assertThat(left).isEmpty();
    }
    assertThat(String.join("\n", log).getBytes(UTF_8).length).isLessThan(500);
  }
}
