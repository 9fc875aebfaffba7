package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.opam.RepositoryDiff.Change;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.InstallQuestion.Answer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which answers the difference between two states of a repository may have made others, on one
 * platform. Thread-safe.
 *
 * <p>A version that is gone, or asks for more than it did, only takes solutions away. The solution
 * that was picked was the first, in an order of all that there are; while it is still one, and the
 * order the same, it is still the first. Where there was none there still is none. So only what has
 * come, or asks for less, makes it necessary to search again wherever it was met.
 */
final class Impact {
  /** What a change does to what can be picked. */
  private enum Kind {
    /** Nothing: the version cannot be picked here, before or after. */
    NONE,
    /** It takes solutions away. */
    FEWER,
    /** It may bring some. */
    MORE
  }

  private final InstallQuestion question;
  private final Platform before;
  private final Platform after;
  private final RepositoryDiff diff;
  private final Map<Package, Kind> kinds = new ConcurrentHashMap<>();

  Impact(InstallQuestion question, Platform before, Platform after, RepositoryDiff diff) {
    this.question = question;
    this.before = before;
    this.after = after;
    this.diff = diff;
  }

  /** Says whether the answer for a version may be another. */
  boolean mayChange(Package asked, Answer answer) {
    for (Map.Entry<Package, Change> change : diff.changes().entrySet()) {
      Package changed = change.getKey();
      if (answer.readSet().meets(changed, change.getValue()) && !isExcluded(changed, asked)) {
        boolean same =
            switch (kinds.computeIfAbsent(changed, this::kind)) {
              case NONE -> true;
              case FEWER -> answer.packages().map(all -> staysFirst(changed, all)).orElse(true);
              case MORE -> false;
            };
        if (!same) {
          return true;
        }
      }
    }
    return false;
  }

  /** What the question leaves out by its number. */
  private boolean isExcluded(Package changed, Package asked) {
    VersionConstraint constraint = question.constraints().get(changed.name());
    boolean otherVersion =
        changed.name().equals(asked.name()) && changed.version().compareTo(asked.version()) != 0;
    return otherVersion || (constraint != null && !constraint.holds(changed.version()));
  }

  private Kind kind(Package changed) {
    try {
      Optional<Implementation.Version> old = find(before, changed);
      Optional<Implementation.Version> now = find(after, changed);
      if (now.isEmpty()) {
        return old.isEmpty() ? Kind.NONE : Kind.FEWER;
      }
      return old.isPresent() && asksForNoLess(now.get(), old.get()) ? Kind.FEWER : Kind.MORE;
    } catch (SolverException _) {
      // Whoever searches again will say so.
      return Kind.MORE;
    }
  }

  /** A version that can be picked. */
  private static Optional<Implementation.Version> find(Platform platform, Package pkg) {
    return platform.entries(pkg.name()).stream()
        .filter(entry -> entry.pkg().equals(pkg))
        .map(entry -> entry.described(platform))
        .filter(Platform.Described::isAvailable)
        .map(described -> described.implementation(false))
        .findFirst();
  }

  private boolean asksForNoLess(Implementation.Version now, Implementation.Version old) {
    return Set.copyOf(now.conflictClasses()).containsAll(old.conflictClasses())
        && imply(now.requirements(), old.requirements());
  }

  /** Says whether who meets all of these also meets all of those. */
  private boolean imply(List<Requirement> these, List<Requirement> those) {
    return those.stream().allMatch(that -> these.stream().anyMatch(one -> implies(one, that)));
  }

  private boolean implies(Requirement one, Requirement other) {
    if (other.essential() && !one.essential()) {
      return false;
    }
    return switch (other.role()) {
      case Role.Real(var name) ->
          other.role().equals(one.role())
              && versions(name).stream().allMatch(v -> !one.accepts(v) || other.accepts(v));
      case Role.Virtual theirs ->
          one.role() instanceof Role.Virtual ours
              && ours.alternatives().stream()
                  .allMatch(
                      alternative ->
                          theirs.alternatives().stream()
                              .anyMatch(a -> imply(alternative.requirements(), a.requirements())));
    };
  }

  private List<PackageVersion> versions(PackageName name) {
    return after.entries(name).stream().map(entry -> entry.pkg().version()).toList();
  }

  /** Says whether a solution is still one, and still reached by the same choices. */
  private boolean staysFirst(Package changed, List<Package> solution) {
    if (!solution.contains(changed)) {
      return true;
    }
    Optional<Implementation.Version> old = find(before, changed);
    Optional<Implementation.Version> now = find(after, changed);
    if (old.isEmpty() || now.isEmpty()) {
      return false;
    }
    Map<PackageName, PackageVersion> chosen = new HashMap<>();
    solution.forEach(pkg -> chosen.put(pkg.name(), pkg.version()));
    return new HashSet<>(old.get().conflictClasses())
            .equals(new HashSet<>(now.get().conflictClasses()))
        && visitTheSame(old.get().requirements(), now.get().requirements())
        && now.get().requirements().stream().allMatch(one -> isMet(one, chosen));
  }

  private static boolean visitTheSame(List<Requirement> old, List<Requirement> now) {
    List<Requirement> left = old.stream().filter(Requirement::essential).toList();
    List<Requirement> right = now.stream().filter(Requirement::essential).toList();
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      boolean real = left.get(i).role() instanceof Role.Real;
      if (real
          ? !left.get(i).role().equals(right.get(i).role())
          : !isTheSame(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTheSame(Requirement one, Requirement other) {
    return one.essential() == other.essential()
        && one.restrictions().equals(other.restrictions())
        && switch (one.role()) {
          case Role.Real real -> real.equals(other.role());
          case Role.Virtual ours ->
              other.role() instanceof Role.Virtual theirs
                  && areTheSame(ours.alternatives(), theirs.alternatives());
        };
  }

  private static boolean areTheSame(
      List<Implementation.Alternative> ours, List<Implementation.Alternative> theirs) {
    boolean same = ours.size() == theirs.size();
    for (int i = 0; same && i < ours.size(); i++) {
      List<Requirement> left = ours.get(i).requirements();
      List<Requirement> right = theirs.get(i).requirements();
      same = left.size() == right.size();
      for (int j = 0; same && j < left.size(); j++) {
        same = isTheSame(left.get(j), right.get(j));
      }
    }
    return same;
  }

  /** Of disjunctions, which are as they were, nothing is asked again. */
  private static boolean isMet(Requirement one, Map<PackageName, PackageVersion> chosen) {
    return switch (one.role()) {
      case Role.Real(var name) -> {
        PackageVersion version = chosen.get(name);
        yield version == null ? !one.essential() : one.accepts(version);
      }
      case Role.Virtual _ -> true;
    };
  }
}
