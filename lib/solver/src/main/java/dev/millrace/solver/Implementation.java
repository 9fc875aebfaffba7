package dev.millrace.solver;

import dev.millrace.opam.Package;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One way to fill a role. */
sealed interface Implementation {
  /** What it asks of other roles, in the order written. */
  List<Requirement> requirements();

  /** A version of a package. Immutable but for what it remembers; thread-safe. */
  final class Version implements Implementation {
    private final Package pkg;
    private final List<String> conflictClasses;
    private final Supplier<List<Requirement>> compute;
    private volatile @Nullable List<Requirement> requirements;

    Version(Package pkg, List<String> conflictClasses, Supplier<List<Requirement>> compute) {
      this.pkg = pkg;
      this.conflictClasses = conflictClasses.stream().distinct().toList();
      this.compute = compute;
    }

    Package pkg() {
      return pkg;
    }

    List<String> conflictClasses() {
      return conflictClasses;
    }

    @Override
    public List<Requirement> requirements() {
      List<Requirement> known = requirements;
      return known == null ? requirementsOnce() : known;
    }

    /**
     * The same objects for everybody: a disjunction among them is equal only to itself, and one
     * search asks more than once.
     */
    private synchronized List<Requirement> requirementsOnce() {
      List<Requirement> known = requirements;
      if (known == null) {
        known = List.copyOf(compute.get());
        requirements = known;
      }
      return known;
    }

    @Override
    public String toString() {
      return pkg.toString();
    }
  }

  /** One side of a disjunction. */
  record Alternative(int rank, List<Requirement> requirements) implements Implementation {
    /** Copies. */
    public Alternative {
      requirements = List.copyOf(requirements);
    }

    @Override
    public String toString() {
      return requirements.stream()
          .map(requirement -> requirement.role().toString())
          .collect(Collectors.joining("&"));
    }
  }

  /** Stands in when nothing fits, to find out what does not. */
  record Dummy() implements Implementation {
    @Override
    public List<Requirement> requirements() {
      return List.of();
    }
  }
}
