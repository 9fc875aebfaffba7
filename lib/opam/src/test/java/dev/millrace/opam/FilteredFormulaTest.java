package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FilteredFormulaTest {
  private static final Environment LINUX =
      Environment.ofTexts(Map.of("os", "linux", "version", "3.1", "odd", "a b"));

  private static OpamFile file(String fields) {
    return OpamFile.parse("opam-version: \"2.0\" " + fields, "x.opam");
  }

  private static String filter(String depends, boolean test) {
    OpamFile file = file("depends: [" + depends + "]");
    assertThat(file.formatErrors()).isEmpty();
    return FilteredFormula.filter(file.depends(), LINUX, DependencyFlags.SOLVE.withTest(test))
        .toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"a\" {with-test & >= \"2.0\"};;a {>= 2.0}",
        "\"a\" {with-test | >= \"2\"};a {>= 2};a",
        "\"a\" {os = \"linux\"};a;a",
        "\"a\" {os = \"macos\"};;",
        "\"a\" {build} \"b\" {post} \"c\" {with-doc} \"d\" {with-dev-setup} \"e\" {dev};a & b;a & b",
        "\"a\" {unknown};;",
        "\"a\" {!unknown};;",
        "\"a\" {?unknown};;",
        "\"a\" {!?with-test};a;a",
        "\"a\" {= version};a {= 3.1};a {= 3.1}",
        "\"a\" {= unknown};a;a",
        "\"a\" {>= odd};a;a",
        "\"a\" {>= \"%{version}%~\"};a {>= 3.1~};a {>= 3.1~}",
        "\"a\" {>= \"1\" < \"2\"};a {>= 1 & < 2};a {>= 1 & < 2}",
        "\"a\" {!(>= \"1\" & < \"2\")};a {< 1 | >= 2};a {< 1 | >= 2}",
        "\"a\" {!(os = \"macos\" | = \"1\")};a {!= 1};a {!= 1}",
        "(\"x\" {with-test} | \"y\");(y);(x | y)",
        "(\"x\" {with-test} | \"y\" {with-test}) \"z\";z;(x | y) & z",
        "\"a\" {true};a;a",
        "\"a\" {false};;",
        "\"a\" {};a;a",
        "\"a\" {?with-test};;",
        "\"a\" {!with-test};a;",
        "\"a\" {with-test = true};;a",
        "\"a\" {\"%{with-test}%\"};;a",
        "\"a\" {with-test & unknown};;",
        "\"a\" {with-test | unknown};;a",
        "\"a\" {unknown | >= \"1\"};a {>= 1};a {>= 1}",
        "\"a\" {unknown & >= \"1\"};;",
        "\"a\" {os = \"macos\" | >= \"1\" & with-test};;a {>= 1}",
        "\"a\" {_:version = \"3.1\"};;",
        "\"a\" {= _:version};a;a",
        "\"a\" {>= \"1\" & = unknown};a {>= 1 & };a {>= 1 & }",
        "\"a\" {>= \"1\" | = unknown};a {>= 1 | };a {>= 1 | }",
        "\"a\" {(>= \"1\" | < \"0\") & != \"2\"};a {(>= 1 | < 0) & != 2};a {(>= 1 | < 0) & != 2}",
        "\"a\" {~ \"1\"};a {>= 1};a {>= 1}",
        "(\"a\" {with-test}) | (\"b\" {with-test});;(a) | (b)",
        "\"a\" {with-test} | \"b\" & \"c\" {with-doc};b;a | b",
        "\"a\" | \"b\" & \"c\";a | b & c;a | b & c",
        "(\"a\" | \"b\") & \"c\";(a | b) & c;(a | b) & c"
      })
  void filtersInTwoPasses(String depends, String plain, String withTest) {
    assertThat(filter(depends, false)).isEqualTo(plain == null ? "" : plain);
    assertThat(filter(depends, true)).isEqualTo(withTest == null ? "" : withTest);
  }

  @ParameterizedTest
  @CsvSource({
    "build, a, '', '', '', '', ''",
    "post, '', a, '', '', '', ''",
    "with-test, '', '', a, '', '', ''",
    "with-doc, '', '', '', a, '', ''",
    "with-dev-setup, '', '', '', '', a, ''",
    "dev, '', '', '', '', '', a"
  })
  void eachFlagCountsForItself(
      String flag, String build, String post, String test, String doc, String setup, String dev) {
    Formula<Dependency> formula = file("depends: \"a\" {" + flag + "}").depends();
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      DependencyFlags flags = new DependencyFlags(i == 0, i == 1, i == 2, i == 3, i == 4, i == 5);
      found.add(FilteredFormula.filter(formula, LINUX, flags).toString());
    }

    assertThat(found).containsExactly(build, post, test, doc, setup, dev);
  }

  /** What stands in braces, apart from filters and versions. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"a\" {>= \"1 0\"}",
        "\"a\" {>= \"\"}",
        "\"a\" {>= \"%{x}%/1\"}",
        "\"a\" {>= 1}",
        "\"a\" {>= true}",
        "\"a\" {[os]}",
        "\"a b\"",
        "a",
        "[\"a\"]",
        "!\"a\"",
        "\"a\" {x} {y}"
      })
  void refusesWhatIsNoDependency(String depends) {
    assertThat(file("depends: [" + depends + "]").formatErrors()).hasSize(1);
  }

  @Test
  void cleansConflictsAndDepoptsToDisjunctions() {
    OpamFile file = file("conflicts: [\"a\" & \"b\" {< \"2\"} (\"c\")] depopts: [\"d\" \"e\"]");

    assertThat(file.conflicts()).hasToString("a | b {< \"2\"} | c");
    assertThat(file.depopts()).hasToString("d | e");
  }

  @Test
  void negatesAtoms() {
    Formula<PackageConstraint> formula =
        FilteredFormula.filter(
            file("depends: [\"a\" {>= \"1\" & != \"3\"}]").depends(), LINUX, DependencyFlags.SOLVE);
    Formula<VersionConstraint> versions = formula.atoms().getFirst().versions();

    assertThat(versions.negate(VersionConstraint::negated)).hasToString("< 1 | = 3");
    assertThat(PackageVersion.parse("2").satisfies(versions)).isTrue();
    assertThat(PackageVersion.parse("3").satisfies(versions)).isFalse();
    assertThat(PackageVersion.parse("0").satisfies(versions)).isFalse();
    assertThat(PackageVersion.parse("0").satisfies(Formula.empty())).isTrue();
  }

  @Test
  void emptyIsNeutral() {
    Formula<String> a = Formula.atom("a");

    assertThat(Formula.or(a, Formula.empty())).isEqualTo(a);
    assertThat(Formula.and(Formula.empty(), a)).isEqualTo(a);
    assertThat(Formula.block(Formula.empty()).isEmpty()).isTrue();
    assertThat(Formula.or(a, Formula.atom("b")).map(_ -> Formula.<String>empty()).eval(_ -> false))
        .isTrue();
  }
}
