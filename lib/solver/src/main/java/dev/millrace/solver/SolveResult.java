package dev.millrace.solver;

import dev.millrace.opam.Package;
import java.util.List;

/** What became of a request. */
public sealed interface SolveResult {
  /** What the answer was made from. */
  ReadSet readSet();

  /** Says whether the other is the same answer, whatever it was made from. */
  default boolean saysTheSameAs(SolveResult other) {
    return switch (this) {
      case Solution(var packages, _) ->
          other instanceof Solution solution && solution.packages().equals(packages);
      case NoSolution(var explanation, _) ->
          other instanceof NoSolution none && none.explanation().equals(explanation);
    };
  }

  /**
   * There is a solution.
   *
   * @param packages all of it, roots and pins included, in the order of names
   */
  record Solution(List<Package> packages, ReadSet readSet) implements SolveResult {
    /** Copies. */
    public Solution {
      packages = List.copyOf(packages);
    }
  }

  /**
   * There is none.
   *
   * @param explanation why, in several lines, as opam-0install says it
   */
  record NoSolution(String explanation, ReadSet readSet) implements SolveResult {}
}
