package dev.millrace.services.cikit;

import dev.millrace.ocaml.OperatingSystem;

/**
 * A job and where it stands. Immutable.
 *
 * @param label its name for people
 * @param kind what it does
 * @param experimental whether its failure does not make the commit fail
 * @param outcome where it stands
 */
public record JobResult(String label, JobKind kind, boolean experimental, JobOutcome outcome) {
  private static final String EXPERIMENTAL_OPENBSD = "openbsd-79-amd64";

  /** Whether jobs of this kind on this platform never make a commit fail. */
  public static boolean isExperimental(JobKind kind, Variant variant) {
    return kind.isExperimental()
        || variant.os() == OperatingSystem.WINDOWS
        || variant.distribution().equals(EXPERIMENTAL_OPENBSD);
  }

  /** The same told from a label alone, for results of which no more is known. */
  public static boolean isExperimental(String label) {
    return label.startsWith(JobKind.LOWER_BOUND.label())
        || label.startsWith(JobKind.LINT_OPAM.label())
        || label.startsWith("windows")
        || label.startsWith(EXPERIMENTAL_OPENBSD);
  }
}
