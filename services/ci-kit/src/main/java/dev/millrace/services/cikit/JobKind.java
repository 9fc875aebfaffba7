package dev.millrace.services.cikit;

/** What a job of a commit does. */
public enum JobKind {
  /** Finds out what there is to build, and with which versions. */
  ANALYSIS("(analysis)"),
  /** Builds and tests with the newest dependencies. */
  BUILD(""),
  /** Builds and tests with the oldest dependencies that the project allows. */
  LOWER_BOUND("(lower-bound)"),
  /** Checks the formatting of the sources. */
  LINT_FMT("(lint-fmt)"),
  /** Builds the documentation. */
  LINT_DOC("(lint-doc)"),
  /** Checks the opam files. */
  LINT_OPAM("(lint-opam)");

  private final String label;

  JobKind(String label) {
    this.label = label;
  }

  /** The label of such a job; empty for builds, whose label is their variant. */
  public String label() {
    return label;
  }

  /** Whether its success says nothing about whether the project builds. */
  public boolean isCheck() {
    return this != BUILD && this != LOWER_BOUND;
  }

  /** Whether its failure does not make the commit fail. */
  public boolean isExperimental() {
    return this == LOWER_BOUND || this == LINT_OPAM;
  }
}
