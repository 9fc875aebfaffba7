package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: of commands and lists of system packages that is taken which opam takes. */
final class OpamCommandTest {
  private static final Environment ENVIRONMENT =
      Environment.of(
          Map.of(
              "t", VariableValue.of(true),
              "f", VariableValue.of(false),
              "jobs", VariableValue.of("4"),
              "os", VariableValue.of("linux"),
              "os-family", VariableValue.of("debian"),
              "os-distribution", VariableValue.of("ubuntu"),
              "arch", VariableValue.of("x86_64"),
              "p:installed", VariableValue.of(true),
              "list", new VariableValue.Words(List.of("a", "b c"))));

  private static OpamFile file(String fields) {
    OpamFile file = OpamFile.parse("opam-version: \"2.0\" " + fields.replace('\'', '"'), "x");
    assertThat(file.formatErrors()).isEmpty();
    return file;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "['a' 'b'] # a,b",
        "['a' {t} 'b' {f} 'c' {u} 'd' {'true'} 'e' {'word'}] # a,d",
        "['a' {}] # a",
        "['a'] {t} # a",
        "['a'] {f} # none",
        "['a'] {u} # none",
        "['a'] {'word'} # none",
        "['a' {f}] # none",
        "[] # none",
        "['-j' jobs] # -j,4",
        "['-j%{jobs}%' '%{u}%'] # -j4,",
        "[u 'a'] # ,a",
        "[t f] # true,false",
        "['x' list] # x,a,b c",
        "['x%{list}%'] # xa b c",
        "[p:enable q:enable] # enable,disable",
        "['%{p:installed?y:n}%' '%{q:installed?y:n}%'] # y,n"
      })
  void takesWhatItsFiltersLeave(String command, String expected) {
    Optional<List<String>> words =
        file("build: [" + command + "]").build().getFirst().expand(ENVIRONMENT);

    assertThat(words.map(all -> String.join(",", all)).orElse("none"))
        .isEqualTo(Optional.ofNullable(expected).orElse(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "['x'] # x",
        "[['b' 'a'] ['c' 'a']] # a,b,c",
        "[['x'] {os-family = 'debian'}] # x",
        "[['x'] {os-family = 'fedora'}] # none",
        "[['x'] {os = 'linux' & arch = 'x86_64'} ['y'] {os = 'macos'}] # x",
        "[['x'] {u}] # none",
        "[['x'] {os-version >= '10'}] # none",
        "[['x'] {u | t}] # x",
        "[['x'] {?u}] # none",
        "[[] {t}] # none",
        "[['x'] {'true'}] # x",
        "[['x'] {'word'}] # none",
        "[[['debian'] ['x']]] # x",
        "[[['ubuntu'] ['x']]] # x",
        "[[['fedora'] ['x']]] # none",
        "[[['linux' 'debian'] ['x']] [['x86_64'] ['y']]] # x,y",
        "[[['linux' 'fedora'] ['x']]] # none",
        "[[[] ['x']]] # x"
      })
  void unitesTheSystemPackagesOfAllGroupsThatHold(String depexts, String expected) {
    List<String> packages =
        List.copyOf(file("depexts: " + depexts).depexts().packages(ENVIRONMENT));

    assertThat(packages.isEmpty() ? "none" : String.join(",", packages)).isEqualTo(expected);
  }
}
