package dev.millrace.solver;

import dev.millrace.opam.Package;
import java.util.List;

/** What became of a request. */
public sealed interface SolveResult {
  /** What the answer was made from. */
  ReadSet readSet();

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
