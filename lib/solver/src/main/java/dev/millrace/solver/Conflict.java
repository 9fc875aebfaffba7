package dev.millrace.solver;

import java.util.List;

/**
 * Why there is no solution, in few words: a smallest set of reasons, and what would help.
 *
 * @param reasons none of which can be left out: without any one of them the others would not stand
 *     in each other's way
 * @param remedies the smallest changes that lead to a solution, the easiest first; for each one was
 *     found. None when no few changes help
 */
public record Conflict(List<Reason> reasons, List<Remedy> remedies) {
  /** Copies. */
  public Conflict {
    reasons = List.copyOf(reasons);
    remedies = List.copyOf(remedies);
  }

  /**
   * A reason.
   *
   * @param subject the package, or the versions of it, that it is about
   * @param bound what holds for them
   * @param origin where that is said
   */
  public record Reason(String subject, String bound, String origin) {
    @Override
    public String toString() {
      return "%s %s (%s)".formatted(subject, bound, origin);
    }
  }

  /**
   * Changes that together lead to a solution.
   *
   * @param changes what to change
   * @param packages the solution that there would be, as {@code name.version}
   */
  public record Remedy(List<String> changes, List<String> packages) {
    /** Copies. */
    public Remedy {
      changes = List.copyOf(changes);
      packages = List.copyOf(packages);
    }

    @Override
    public String toString() {
      return String.join("; and ", changes);
    }
  }

  /** The reasons and remedies as text, a line each. */
  public String render() {
    StringBuilder text = new StringBuilder("These do not go together:");
    reasons.forEach(reason -> text.append("\n  - ").append(reason));
    text.append(remedies.isEmpty() ? "\nNo few changes would help." : "\nAny of these would help:");
    remedies.forEach(remedy -> text.append("\n  - ").append(remedy));
    return text.toString();
  }
}
