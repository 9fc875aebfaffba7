package dev.millrace.services.ocamlci;

import java.nio.file.Path;

/**
 * An opam repository as it is at one moment.
 *
 * @param kind how it is kept
 * @param location the directory, or the git directory
 * @param version the commit, or a digest of the files' names, sizes and times
 */
record RepositoryVersion(Kind kind, Path location, String version) {
  /** How a repository is kept. */
  enum Kind {
    /** As commits of a git repository; uncommitted changes do not count. */
    GIT,
    /** As files. */
    FILES
  }

  @Override
  public String toString() {
    return location + " at " + version.substring(0, Math.min(12, version.length()));
  }
}
