package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import dev.millrace.base.Growth;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Goal: reading twice as much takes at most 2.5 times as long (F1). Method: texts of each kind that
 * repeat something, as the fuzz targets take them; and work known to be quadratic, which must be
 * noticed.
 */
class OpamGrowthTest {
  /** A text that repeats something so many times; either all of it is read, or it is refused. */
  record Shape(
      String name, FuzzTargets.Kind kind, boolean isRead, int size, IntFunction<String> text) {
    Runnable work(int times) {
      byte[] input = kind.input(text.apply(times));
      return () -> FuzzTargets.fuzzerTestOneInput(input);
    }

    @Override
    public String toString() {
      return kind + ": " + name;
    }
  }

  /** A file may be long. */
  private static final int LONG = 700;

  /** Versions are compared in a blink. */
  private static final int VERY_LONG = 20_000;

  /** Formulas and lists have limits, which twice as much must not reach. */
  private static final int SHORT = 220;

  private static final String SECTION =
      "extra-source \"s%d\" { src: \"https://example.org/a\" checksum: \"md5="
          + "0".repeat(32)
          + "\" }\n";

  static final List<Shape> SHAPES =
      List.of(
          file("fields", n -> numbered(n, "x-f%d: 1\n")),
          file("sections", n -> numbered(n, SECTION)),
          file("a list", n -> "x-f: [" + "a ".repeat(n) + "]"),
          file("a text", n -> "synopsis: \"" + "word ".repeat(n) + "\""),
          file("escapes", n -> "synopsis: \"" + "\\n\\\"\\065".repeat(n) + "\""),
          file("lines", n -> "description: \"\"\"" + "line \"\" of text\n".repeat(n) + "\"\"\""),
          file("comments", n -> "# a comment\n(* another *)\n".repeat(n)),
          file("blanks", n -> " \n\t".repeat(n)),
          file("words", n -> "build: [make \"" + "%{a}% ".repeat(n) + "\"]"),
          file("what starts a word", n -> "build: [make \"" + "%{".repeat(n) + "\"]"),
          refused("a field again and again", n -> "synopsis: \"a\"\n".repeat(n)),
          refused("a text without an end", n -> "synopsis: \"" + "a".repeat(n)),
          refused("quotes without an end", n -> "description: \"\"\"" + "\"a\" ".repeat(n)),
          refused("comments without an end", n -> "(*".repeat(n)),
          refused("bytes that are no text", n -> "\u0080\u00ff".repeat(n)),
          version("digits", n -> "1".repeat(n) + "\n" + "1".repeat(n)),
          version("zeros", n -> "0".repeat(n) + "\n" + "0".repeat(n)),
          version("parts", n -> "1.".repeat(n) + "\n" + "1.".repeat(n) + "\n" + "1-".repeat(n)),
          version("tildes", n -> "~".repeat(n) + "\n" + "~".repeat(n) + "a\n~"),
          formula("packages", n -> numbered(n, "\"p%d\" {>= \"1.%<d\"}\n")),
          formula("alternatives", n -> numbered(n, "\"p%d\" | ") + "\"p\""),
          formula("conjunctions", n -> numbered(n, "\"p%d\" & ") + "\"p\""),
          formula("bounds", n -> "\"p\" {" + numbered(n, "!= \"%d\" & ") + "= \"1\"}"),
          formula("bounds or others", n -> "\"p\" {" + numbered(n, "= \"%d\" | ") + "= \"1\"}"),
          formula("conditions", n -> "\"p\" {" + "with-test & ".repeat(n) + ">= \"1\"}"),
          filter("both", n -> "a & ".repeat(n) + "b"),
          filter("either", n -> "b | ".repeat(n) + "a"),
          filter("either of both", n -> "a & b | ".repeat(n) + "a"),
          filter("comparisons", n -> numbered(n, "version >= \"%d\" | ") + "a"),
          filter("words", n -> "\"" + "%{version}%".repeat(n) + "\" = \"1\""));

  private static Shape file(String name, IntFunction<String> text) {
    return new Shape(name, FuzzTargets.Kind.FILE, true, LONG, headed(text));
  }

  private static Shape refused(String name, IntFunction<String> text) {
    return new Shape(name, FuzzTargets.Kind.FILE, false, LONG, headed(text));
  }

  private static IntFunction<String> headed(IntFunction<String> text) {
    return n -> "opam-version: \"2.0\"\n" + text.apply(n);
  }

  private static Shape version(String name, IntFunction<String> text) {
    return new Shape(name, FuzzTargets.Kind.VERSION, true, VERY_LONG, text);
  }

  private static Shape formula(String name, IntFunction<String> text) {
    return new Shape(name, FuzzTargets.Kind.FORMULA, true, SHORT, text);
  }

  private static Shape filter(String name, IntFunction<String> text) {
    return new Shape(name, FuzzTargets.Kind.FILTER, true, SHORT, text);
  }

  private static String numbered(int count, String form) {
    return IntStream.range(0, count).mapToObj(form::formatted).collect(Collectors.joining());
  }

  /** Else a limit would be measured, and not the reader. */
  @ParameterizedTest
  @FieldSource("SHAPES")
  void isReadOrRefusedAsMeant(Shape shape) {
    String text = shape.text().apply(2 * shape.size());
    String file =
        switch (shape.kind()) {
          case FILE -> text;
          case VERSION -> "opam-version: \"2.0\"\n";
          case FORMULA -> "opam-version: \"2.0\"\ndepends: [" + text + "]";
          case FILTER -> "opam-version: \"2.0\"\navailable: " + text;
        };

    assertThat(isRead(file)).isEqualTo(shape.isRead());
  }

  private static boolean isRead(String file) {
    try {
      return OpamFile.parse(OpamText.encode(file), "f").formatErrors().isEmpty();
    } catch (OpamParseException e) {
      return false;
    }
  }

  @Test
  void twiceAsMuchTakesTwiceAsLong() {
    assumeTrue(Experiment.Tier.current() != Experiment.Tier.CHECK, "times are taken at night");

    assertThat(SHAPES)
        .allSatisfy(
            shape -> {
              double ratio = Growth.whenDoubled(shape.size(), shape::work);
              System.out.printf("%s: %.2f%n", shape, ratio);
              assertThat(ratio).isLessThanOrEqualTo(Growth.RATIO_MAX);
            });
  }

  @Test
  void quadraticWorkIsNoticed() {
    assumeTrue(Experiment.Tier.current() != Experiment.Tier.CHECK, "times are taken at night");
    int[] pairs = new int[1];
    IntFunction<Runnable> quadratic =
        size -> {
          String text = "ab".repeat(size);
          return () -> {
            for (int i = 0; i < size; i++) {
              for (int j = 0; j < size; j++) {
                pairs[0] += text.charAt(i) == text.charAt(j) ? 1 : 0;
              }
            }
          };
        };

    // The machine may be slow for a moment, just when it is to be quick.
    double greatest =
        IntStream.range(0, 3)
            .mapToDouble(_ -> Growth.whenDoubled(1_000, quadratic))
            .max()
            .orElseThrow();
    assertThat(greatest).isGreaterThan(Growth.RATIO_MAX);
  }
}
