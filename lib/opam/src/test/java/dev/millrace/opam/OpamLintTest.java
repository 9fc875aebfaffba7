package dev.millrace.opam;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: each number is found where its condition holds, and nowhere else. */
final class OpamLintTest {
  private static final String GOOD =
      """
      opam-version: "2.0"
      synopsis: "Good"
      maintainer: "a@example.org"
      authors: "A"
      license: "MIT"
      homepage: "https://example.org"
      bug-reports: "https://example.org/issues"
      dev-repo: "git+https://example.org/x.git"
      depends: ["dune" "a"]
      """;

  private static List<Integer> codes(String text, Optional<Set<String>> files) {
    return OpamLint.check(text.getBytes(UTF_8), "x", Optional.of(Package.parse("x.1")), files)
        .stream()
        .map(OpamLint.Finding::code)
        .toList();
  }

  @Test
  void findsNothingInAGoodFile() {
    assertThat(codes(GOOD, Optional.of(Set.of()))).isEmpty();
    assertThat(codes(GOOD.replace("git+https", "https"), Optional.of(Set.of()))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-env-path-rewrite: []",
        "x-env-path-rewrite: [[A true] [B (';' {os = 'win32'} | ':') ['host' 'target-quoted']]]",
        "x-env-path-rewrite: 1 x-env-path-rewrite: []",
        "depopts: 'b' {'true' & '%{a}%'}",
        "depopts: 'b' {'word' = os}",
        "build: [['b' '%{a:lib}%'] {a:installed}]",
        "build: [['b' '%%{a'] ['c' '%{dune:lib}%']]",
        "url { src: 'a@host:x' checksum: 'md5=00000000000000000000000000000000' }",
        "url { src: 'a:b@host:x' checksum: 'md5=00000000000000000000000000000000' }"
      })
  void findsNothingInFieldsThatAreSound(String fields) {
    assertThat(codes(GOOD + fields.replace('\'', '"') + "\n", Optional.of(Set.of()))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "2 # build: [",
        "3 # nonsense: 1",
        "3 # x-env-path-rewrite: [A]",
        "3 # x-env-path-rewrite: [[A true] [B false 'host']]",
        "3 # x-env-path-rewrite: [[A ',' 'host']]",
        "3 # x-env-path-rewrite: [[A (':' & ';') 'host']]",
        "3 # x-env-path-rewrite: [[A (':' {'1' os}) 'host']]",
        "4 # name: 'y'",
        "4 # version: '2'",
        "22 # doc: ''",
        "26 # build: [['b']] remove: [['r']]",
        "28 # flags: nonsense",
        "29 # depopts: 'b' {a:installed}",
        "31 # depopts: 'a'",
        "32 # ocaml-version: [>= '4']",
        "33 # os: ['linux']",
        "34 # available: ocaml:native",
        "39 # build: ['make' 'x']",
        "41 # build: [['b' '%{other:lib}%']]",
        "41 # build: [['b'] {other+another:installed}]",
        "43 # conflicts: ['b' & 'c']",
        "44 # flags: plugin",
        "45 # build: [['b' '%{lib']]",
        "45 # build: [['b' '%{dune:lib}x}%']]",
        "45 # available: os = '%{a'",
        "46 # flags: conf install: ['b']",
        "48 # build-test: [['b']]",
        "50 # depopts: 'b' {post}",
        "51 # depopts: 'b' {!build}",
        "52 # flags: light-uninstall",
        "53 # extra-files: ['f' 'md5=00000000000000000000000000000000']",
        "54 # depexts: ['a b']",
        "55 # available: os != 'darwin'",
        "55 # available: arch = 'amd64'",
        "55 # available: arch = 'ARM64'",
        "58 # depopts: 'b' {test}",
        "59 # url { src: 'https://example.org/x.tgz' }",
        "61 # run-test: [['b'] {with-test}]",
        "63 # url { src: 'git+https://example.org/x.git' subpath: 'a' }",
        "65 # url { src: 'x.tgz' checksum: 'md5=00000000000000000000000000000000' }",
        "65 # url { src: '@host:x' }",
        "65 # url { src: 'a/b@host:x' }",
        "65 # url { src: 'a@:x' }",
        "66 # depopts: 'b' {'word'}",
        "66 # depopts: 'b' {?'word'}",
        "66 # depopts: 'b' {!'%{a}%b'}",
        "67 # url { src: 'git+https://e.org/x.git' checksum: 'md5=00000000000000000000000000000000' }",
        "69 # build: [['b' '%{conf-g++:lib}%']]",
        "71 # url { src: 'https://e.org/x.tgz' checksum: ['md5=00000000000000000000000000000000' 'md5=10000000000000000000000000000000'] }",
        "74 # pin-depends: ['z.1' 'https://example.org/z']"
      })
  void findsTheNumber(int code, String fields) {
    assertThat(codes(GOOD + fields.strip().replace('\'', '"') + "\n", Optional.of(Set.of())))
        .contains(code);
  }

  @ParameterizedTest
  @CsvSource({
    "synopsis,57",
    "maintainer,23",
    "authors,25",
    "license,68",
    "homepage,35",
    "bug-reports,36"
  })
  void findsWhatIsMissing(String field, int code) {
    assertThat(codes(GOOD.replaceAll("(?m)^" + field + ":.*\n", ""), Optional.of(Set.of())))
        .containsExactly(code);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"2.0\"','\"2.0.1\"',20 21",
    "Good,good,47",
    "Good,Good.,47",
    "a@example.org,contact@ocamlpro.com,24",
    "git+https://example.org/x.git,https://example.org/x,42"
  })
  void findsWhatIsWrittenOtherwise(String text, String other, String codes) {
    List<Integer> found = codes(GOOD.replace(text, other), Optional.of(Set.of()));

    assertThat(found).extracting(Object::toString).containsExactly(codes.split(" "));
  }

  /** See docs/differences.md; what is not here is in the tables above. */
  @Test
  void isWiserThanOpamWhereTheDocumentSays() {
    OpamFile misspelt = OpamFile.parse(GOOD + "flags: avoid-versions\n", "x");
    OpamFile misshapen = OpamFile.parse(GOOD + "x-env-path-rewrite: 1\n", "x");

    assertThat(misspelt.flags()).containsExactly("avoid-versions");
    assertThat(codes(new String(misspelt.bytes(), UTF_8), Optional.empty())).containsExactly(28);
    assertThat(misshapen.depends()).hasToString("dune & a");
    assertThat(codes(new String(misshapen.bytes(), UTF_8), Optional.empty())).containsExactly(3);
    assertThat(codes(GOOD.replace("MIT", "MIT or ISC"), Optional.empty())).isEmpty();
    assertThat(
            codes(GOOD.replace("MIT", "GPL-2.0-only with Bison-exception-2.2"), Optional.empty()))
        .isEmpty();
    assertThat(codes(GOOD.replace("Good", "\u201cGood\u201d"), Optional.empty())).isEmpty();
    assertThat(codes(GOOD + "url { src: 'x' }\n".replace('\'', '"'), Optional.empty()))
        .containsExactly(59, 65);
  }

  @Test
  void findsFilesThatAreNotListedAndThoseListedTwice() {
    String hash = "\"md5=00000000000000000000000000000000\"";
    String listed = GOOD + "extra-files: [[\"f\" %s] [\"f\" %s] [\"../g\" %s]]\n";

    assertThat(codes(GOOD, Optional.of(Set.of("f")))).containsExactly(53);
    assertThat(codes(GOOD, Optional.empty())).isEmpty();
    assertThat(codes(listed.formatted(hash, hash, hash), Optional.of(Set.of("f", "../g"))))
        .containsExactly(70, 73);
  }

  @Test
  void namesAnotherFormatVersion() {
    assertThat(codes(GOOD.replace("2.0", "3.0"), Optional.empty())).containsExactly(2);
  }

  /** In published packages nothing is an error, but for a few known ones. */
  @Test
  void findsFewErrorsInPublishedPackages() throws Exception {
    Path packages = OpamCorpus.directory().resolve("packages");
    Map<Integer, Integer> errors = new TreeMap<>();
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(packages, 3)) {
      all.filter(path -> path.endsWith("opam") && Files.isRegularFile(path)).forEach(files::add);
    }
    for (Path file : files) {
      Package pkg = Package.parse(packages.relativize(file).getName(1).toString());
      for (OpamLint.Finding finding :
          OpamLint.check(Files.readAllBytes(file), "x", Optional.of(pkg), Optional.of(Set.of()))) {
        if (finding.level() == OpamLint.Level.ERROR) {
          errors.merge(finding.code(), 1, Integer::sum);
        }
      }
    }

    assertThat(errors).doesNotContainKeys(1, 2, 3);
    assertThat(errors.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(200);
  }
}
