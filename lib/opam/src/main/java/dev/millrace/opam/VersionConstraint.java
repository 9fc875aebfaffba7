package dev.millrace.opam;

/** A comparison with a version: {@code >= 1.2}. */
public record VersionConstraint(Relop op, PackageVersion version) {
  /** Says whether {@code candidate} stands in this relation to the version. */
  public boolean holds(PackageVersion candidate) {
    return op.holds(candidate.compareTo(version));
  }

  /** Returns the constraint that holds exactly when this one does not. */
  public VersionConstraint negated() {
    return new VersionConstraint(op.negated(), version);
  }

  @Override
  public String toString() {
    return op + " " + version;
  }
}
