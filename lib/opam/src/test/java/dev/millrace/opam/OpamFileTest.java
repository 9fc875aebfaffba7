package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OpamFileTest {
  private static final String MD5 = "8f9bfddd8e58efd050262683a8469b9b";
  private static final String SHA256 =
      "fba5aa2996a55a6a3431631ce4a7cc65c178e0fd40d727b192031556c97a977b";
  private static final String FULL =
      """
      opam-version: "2.0"
      name: "demo"
      version: "1.2"
      synopsis: "A demo"
      description: \"""\\
      More "words"
      here\"""
      maintainer: "m@example.org"
      authors: ["a" "b"]
      license: "ISC"
      tags: ["flags:conf" "org:x"]
      homepage: "https://example.org"
      bug-reports: "https://example.org/bugs"
      dev-repo: "git+https://example.org/x.git"
      depends: ["ocaml" {>= "4.14"} "dune" {>= "3.0" & build}]
      conflict-class: ["one" "two" "one"]
      available: os != "win32"
      flags: [avoid-version plugin]
      build: [
        ["dune" "build" "-p" name "-j" jobs]
        ["dune" "runtest" {os = "linux"} "%{os}%"] {with-test}
      ]
      run-test: ["dune" "test"]
      patches: ["a.patch" {os = "macos"} "b.patch"]
      depexts: [
        ["libx-dev" "gcc"] {os-family = "debian"}
        ["libx"] {os = "macos"}
        ["gcc"]
      ]
      pin-depends: ["other.1.0" "git+https://example.org/other.git"]
      extra-files: ["fix.patch" "md5=MD5HERE"]
      x-ci-accept-failures: ["debian-11"]
      url {
        src: "https://example.org/x.tbz"
        checksum: ["md5=MD5HERE" "sha256=SHA256HERE"]
        mirrors: "https://mirror.example.org/x.tbz"
      }
      extra-source "more.c" {
        src: "https://example.org/more.c"
        checksum: "MD5HERE"
      }
      """
          .replace("MD5HERE", MD5)
          .replace("SHA256HERE", SHA256);
  private static final Environment DEBIAN =
      Environment.ofTexts(
          Map.of("os", "linux", "os-family", "debian", "name", "demo", "jobs", "2"));

  @Test
  void readsEveryField() {
    OpamFile file = OpamFile.parse(FULL, "demo.opam");

    assertThat(file.formatErrors()).isEmpty();
    assertThat(file.name()).contains(PackageName.parse("demo"));
    assertThat(file.version()).contains(PackageVersion.parse("1.2"));
    assertThat(file.synopsis()).contains("A demo");
    assertThat(file.description()).contains("More \"words\"\nhere");
    assertThat(file.authors()).containsExactly("a", "b");
    assertThat(file.conflictClasses()).extracting(PackageName::text).containsExactly("one", "two");
    assertThat(file.flags()).containsExactly("avoid-version", "plugin", "conf");
    assertThat(file.hasFlag("avoid-version")).isTrue();
    assertThat(file.available().evalToBoolean(DEBIAN, false)).isTrue();
    assertThat(file.pinDepends())
        .containsExactly(
            new PinDepend(Package.parse("other.1.0"), "git+https://example.org/other.git"));
    assertThat(file.extraFiles())
        .containsExactly(new ExtraFile("fix.patch", OpamHash.parse("md5=" + MD5)));
    assertThat(file.strings("x-ci-accept-failures")).containsExactly("debian-11");
    assertThat(file.strings("homepage")).containsExactly("https://example.org");
  }

  @Test
  void readsSources() {
    OpamFile file = OpamFile.parse(FULL, "demo.opam");

    Source url = file.url().orElseThrow();
    assertThat(url.src()).isEqualTo("https://example.org/x.tbz");
    assertThat(url.mirrors()).containsExactly("https://mirror.example.org/x.tbz");
    assertThat(url.checksums())
        .extracting(OpamHash::mirrorPath)
        .containsExactly("md5/8f/" + MD5, "sha256/fb/" + SHA256);
    assertThat(file.extraSources()).hasSize(1);
    assertThat(file.extraSources().getFirst().source().checksums())
        .containsExactly(OpamHash.parse("md5=" + MD5));
  }

  @Test
  void expandsCommandsAndChoosesSystemPackages() {
    OpamFile file = OpamFile.parse(FULL, "demo.opam");

    assertThat(file.build().getFirst().expand(DEBIAN))
        .contains(List.of("dune", "build", "-p", "demo", "-j", "2"));
    assertThat(file.build().getLast().expand(DEBIAN)).isEmpty();
    assertThat(file.build().getLast().expand(DEBIAN.with("with-test", VariableValue.of(true))))
        .contains(List.of("dune", "runtest", "linux"));
    assertThat(file.runTest()).hasSize(1);
    assertThat(file.patches().stream().filter(patch -> patch.counts(DEBIAN)).map(Filtered::value))
        .containsExactly("b.patch");
    assertThat(file.depexts().packages(DEBIAN)).containsExactly("gcc", "libx-dev");
    assertThat(file.depexts().packages(Environment.EMPTY)).containsExactly("gcc");
  }

  @Test
  void printsWhatItRead() {
    OpamFile file = OpamFile.parse(FULL, "demo.opam");

    assertThat(OpamFile.parse(file.print(), "demo.opam").items()).isEqualTo(file.items());
  }

  @Test
  void changesAFileAndLeavesTheRestAsItWas() {
    String text =
        """
        # Ours
        opam-version:   "2.0"
        depends: [ "a"
          "b" ]  # both

        synopsis: "S"
        (* last *)""";
    Value one = new Value.Str("one", Position.NONE);
    Item version = OpamSyntax.parse(OpamText.encode("opam-version: \"2.0\""), "x").getFirst();
    Item depends = new Item.Field("depends", one, Position.NONE);
    Item doc = new Item.Field("doc", one, Position.NONE);

    assertThat(OpamPrinter.preserve(OpamText.encode(text), OpamFile.parse(text, "x").items()))
        .isEqualTo(text);
    assertThat(OpamPrinter.preserve(OpamText.encode(text), List.of(doc, depends, version)))
        .isEqualTo(
            """
            # Ours
            opam-version:   "2.0"
            depends: "one"  # both

            (* last *)
            doc: "one"
            """);
    assertThat(
            OpamPrinter.preserve(
                OpamText.encode("a:\"x\"b:\"y\""),
                List.of(
                    new Item.Field("a", new Value.Ident("z", Position.NONE), Position.NONE),
                    new Item.Field("b", one, Position.NONE))))
        .isEqualTo("a: z\nb: \"one\"");
  }

  @Test
  void normalisesForComparing() {
    String text =
        """
        # a comment
        synopsis: "two\nlines"
        depends: [ "b"
          "a" {>= "1"} ]
        tags: []
        url { src: "x" checksum: "md5=1" }
        """;

    assertThat(OpamPrinter.normalise(OpamSyntax.parse(OpamText.encode(text), "x")))
        .isEqualTo(
            """
            depends: ["b" "a" {>= "1"}]
            synopsis: "two\\nlines"
            url {
            checksum: "md5=1"
            src: "x"
            }
            """);
  }

  @Test
  void knowsWhichEditsMatterForABuild() {
    OpamFile file = OpamFile.parse(FULL, "demo.opam");

    List<String> harmless =
        List.of(
            FULL.replace("A demo", "The demo"),
            FULL.replace("flags: [avoid-version plugin]", "flags: plugin"),
            FULL.replace("src: \"https://example.org/x.tbz\"", "src: \"https://other.org/x.tbz\""),
            FULL.replace("libx-dev", "liby-dev"),
            FULL.replace("depends: [", "depends:   [ # comment\n"),
            FULL + "remove: [[]]");
    List<String> harmful =
        List.of(
            FULL.replace(">= \"4.14\"", ">= \"5.0\""),
            FULL.replace("avoid-version plugin", "avoid-version"),
            FULL.replace("\"md5=" + MD5 + "\" \"sha", "\"sha"),
            FULL.replace("\"-j\" jobs", "\"-j\" \"1\""),
            FULL.replace("run-test: [\"dune\" \"test\"]", ""),
            FULL + "build-env: [A = \"b\"]");
    for (String text : harmless) {
      assertThat(OpamFile.parse(text, "demo.opam").isEffectivelyEqual(file)).as(text).isTrue();
    }
    for (String text : harmful) {
      assertThat(OpamFile.parse(text, "demo.opam").isEffectivelyEqual(file)).as(text).isFalse();
    }
  }

  @Test
  void collectsFormatErrorsAndUsesTheRest() {
    OpamFile file =
        OpamFile.parse(
            """
            opam-version: "2.0"
            unknown: 1
            depends: ["a" 3]
            name: "x y"
            synopsis: "one"
            synopsis: "two"
            available: [>= "1"]
            strange { }
            url { checksum: "nonsense" }
            depopts: "b"
            """,
            "x.opam");

    assertThat(file.formatErrors())
        .extracting(FormatError::toString)
        .containsExactlyInAnyOrder(
            "x.opam:2:1: expected a field of opam's, or one starting with x-, but found unknown",
            "x.opam:3:15: in field depends: expected a package but found 3",
            "x.opam:4:7: in field name: expected a package name but found \"x y\"",
            "x.opam:6:1: expected each field once but found synopsis again",
            "x.opam:7:13: in field available: expected a filter but found >= \"1\"",
            "x.opam:8:1: expected the section url { } or extra-source \"file\" { } but found strange",
            "x.opam:9:17: in field url: expected a checksum but found \"nonsense\"");
    assertThat(file.depends().isEmpty()).isTrue();
    assertThat(file.synopsis()).contains("one");
    assertThat(file.depopts()).hasToString("b");
  }

  @Test
  void refusesOtherFormats() {
    assertThatThrownBy(() -> OpamFile.parse("synopsis: \"x\"", "x.opam"))
        .hasMessageStartingWith("x.opam:1:1: expected opam-version: \"2.0\" but found none");
    assertThatThrownBy(() -> OpamFile.parse("\nopam-version: \"2.1\"", "x.opam"))
        .hasMessageStartingWith("x.opam:2:1: ");
    assertThat(OpamFile.parse("opam-version: \"2.0.3\"", "x.opam").formatErrors()).isEmpty();
    assertThat(OpamFile.parse("opam-version: \"1.2\"", "x.opam").formatErrors()).isEmpty();
  }

  @Test
  void skipsListsTooLongForAFormula() {
    OpamFile file =
        OpamFile.parse("opam-version: \"2.0\" depends: [" + "\"a\" ".repeat(50_000) + "]", "x");

    assertThat(file.formatErrors()).hasSize(1);
    assertThat(file.formatErrors().getFirst().problem()).contains("at most 1000 items");
    assertThat(file.depends().isEmpty()).isTrue();
  }

  @Test
  void refusesBadChecksums() {
    assertThatThrownBy(() -> OpamHash.parse("sha1=" + MD5)).hasMessageContaining("sha1=");
    assertThatThrownBy(() -> OpamHash.parse("md5=../../etc/passwd")).hasMessageContaining("md5=");
  }
}
