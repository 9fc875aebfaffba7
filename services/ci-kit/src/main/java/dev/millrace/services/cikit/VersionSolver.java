package dev.millrace.services.cikit;

import java.util.List;
import java.util.Optional;

/** Picks versions from an opam repository. Thread-safe. */
public interface VersionSolver {
  /** What the repository is, for people: its address and commit, or its directory. */
  String describe();

  /**
   * Picks versions.
   *
   * @throws CiKitException if the question or the repository is wrong, rather than unsolvable
   */
  Answer solve(Question question) throws InterruptedException;

  /**
   * What is wanted.
   *
   * @param variables the platform, its compiler included
   * @param roots what must be installed; their tests count
   * @param pins what is taken from elsewhere than the repository, if needed
   * @param preferOldest whether old versions are better than new ones
   */
  record Question(
      PlatformVariables variables,
      List<PackageSource> roots,
      List<PackageSource> pins,
      boolean preferOldest) {
    /** Copies. */
    public Question {
      roots = List.copyOf(roots);
      pins = List.copyOf(pins);
    }
  }

  /** Versions, or why there are none. */
  sealed interface Answer {
    /**
     * These.
     *
     * @param packages as {@code name.version}, in the order of names, roots and pins included
     * @param compatible the roots that the platform allows
     * @param commit the oldest commit of the repository with the same answer, if it has commits
     */
    record Solved(List<String> packages, List<String> compatible, Optional<String> commit)
        implements Answer {
      /** Copies. */
      public Solved {
        packages = List.copyOf(packages);
        compatible = List.copyOf(compatible);
      }
    }

    /** None: why, for people, in several lines. */
    record Unsolvable(String explanation) implements Answer {}
  }
}
