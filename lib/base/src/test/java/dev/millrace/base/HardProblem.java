package dev.millrace.base;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Universes of packages that take a solver long, for tests of limits. */
public final class HardProblem {
  private HardProblem() {}

  /**
   * More pigeons than holes: each pigeon needs some hole in a version of its own. {@code all} needs
   * all pigeons.
   *
   * @return packages as {@code name.version: fields}, separated by semicolons
   */
  public static String pigeons(int pigeons, int holes) {
    String all =
        IntStream.range(0, pigeons).mapToObj("'p%d'"::formatted).collect(Collectors.joining(" "));
    String each =
        IntStream.range(0, pigeons)
            .mapToObj(
                p ->
                    "p%d.1: depends: [%s]"
                        .formatted(
                            p,
                            IntStream.range(0, holes)
                                .mapToObj(h -> "'h%d' {= '%d'}".formatted(h, p))
                                .collect(Collectors.joining(" | "))))
            .collect(Collectors.joining("; "));
    String room =
        IntStream.range(0, holes)
            .boxed()
            .flatMap(h -> IntStream.range(0, pigeons).mapToObj(p -> "h%d.%d".formatted(h, p)))
            .collect(Collectors.joining("; "));
    return "all.1: depends: [" + all + "]; " + each + "; " + room;
  }
}
