package dev.millrace.opam;

/** A package and which of its versions are meant; the empty formula means all of them. */
public record PackageConstraint(PackageName name, Formula<VersionConstraint> versions) {
  /** Says whether this package is meant. */
  public boolean accepts(Package candidate) {
    return name.equals(candidate.name()) && candidate.version().satisfies(versions);
  }

  @Override
  public String toString() {
    return versions.isEmpty() ? name.toString() : name + " {" + versions + "}";
  }
}
