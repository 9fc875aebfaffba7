package dev.millrace.services.cikit;

/**
 * A package of a project: its name and what its opam file says. Immutable.
 *
 * @param pkg {@code name.version}
 * @param file where the file is, relative to the project (or to the pinned repository)
 * @param opam the file's text
 */
public record PackageSource(String pkg, String file, String opam) {
  /** The package's name, without version. */
  public String name() {
    return pkg.substring(0, pkg.indexOf('.'));
  }

  /** The directory of the file, relative to the project's root; {@code "."} for the root itself. */
  public String directory() {
    int slash = file.lastIndexOf('/');
    return slash < 0 ? "." : file.substring(0, slash);
  }
}
