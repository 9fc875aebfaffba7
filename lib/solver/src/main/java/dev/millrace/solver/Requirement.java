package dev.millrace.solver;

import dev.millrace.opam.Formula;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.VersionConstraint;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an implementation asks of a role. Immutable but for what it remembers; thread-safe.
 *
 * <p>Which of a role's candidates meet it is the same in nearly all requests, and asked in each of
 * them: it is remembered for the list of candidates that was asked about last.
 */
final class Requirement {
  private final Role role;
  private final boolean essential;
  private final List<Restriction> restrictions;
  // Racing threads compute the same for the same list.
  private volatile @Nullable Fitting fitting;

  /**
   * A requirement.
   *
   * @param essential whether the role must have an implementation; otherwise it only matters if it
   *     has one
   * @param restrictions what that implementation must meet
   */
  Requirement(Role role, boolean essential, List<Restriction> restrictions) {
    this.role = role;
    this.essential = essential;
    this.restrictions = List.copyOf(restrictions);
  }

  /** Which candidates of a list meet the requirement. */
  private record Fitting(List<? extends Implementation> candidates, BitSet meeting) {}

  Role role() {
    return role;
  }

  boolean essential() {
    return essential;
  }

  List<Restriction> restrictions() {
    return restrictions;
  }

  /**
   * The places of those that meet the requirement; not to be changed.
   *
   * @param candidates a list that does not change
   */
  // The same list, and not one that is equal, is what was asked about.
  @SuppressWarnings("ReferenceEquality")
  BitSet meeting(List<? extends Implementation> candidates) {
    Fitting known = fitting;
    if (known == null || known.candidates() != candidates) {
      BitSet meeting = new BitSet(candidates.size());
      for (int i = 0; i < candidates.size(); i++) {
        if (isMetBy(candidates.get(i))) {
          meeting.set(i);
        }
      }
      known = new Fitting(candidates, meeting);
      fitting = known;
    }
    return known.meeting();
  }

  /** Whether a version of the package that is asked for meets all restrictions. */
  boolean accepts(PackageVersion version) {
    return restrictions.stream().allMatch(restriction -> restriction.accepts(version));
  }

  /** Whether all restrictions are met. */
  boolean isMetBy(Implementation implementation) {
    return firstViolation(implementation) == null;
  }

  @Nullable Restriction firstViolation(Implementation implementation) {
    for (Restriction restriction : restrictions) {
      if (!restriction.isMetBy(implementation)) {
        return restriction;
      }
    }
    return null;
  }

  /**
   * A condition on versions.
   *
   * @param ensures whether the versions must be among these; otherwise they must not (the empty
   *     formula stands for all versions)
   */
  record Restriction(boolean ensures, Formula<VersionConstraint> versions) {
    boolean accepts(PackageVersion version) {
      return version.satisfies(versions) == ensures;
    }

    boolean isMetBy(Implementation implementation) {
      return switch (implementation) {
        case Implementation.Version version -> accepts(version.pkg().version());
        case Implementation.Alternative _, Implementation.Dummy _ -> true;
      };
    }
  }
}
