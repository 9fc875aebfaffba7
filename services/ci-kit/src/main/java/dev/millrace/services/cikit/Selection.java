package dev.millrace.services.cikit;

import java.util.List;
import java.util.Optional;

/**
 * The versions to build with on one platform. Immutable.
 *
 * @param variant the platform
 * @param packages what is to be installed as {@code name.version}, the project's own and pinned
 *     packages included, in the order of names
 * @param onlyPackages the project's packages that the platform allows, if some do not; empty for
 *     all of them
 * @param commit the oldest commit of the repository in which these versions are what they are;
 *     empty if the repository is no git repository
 * @param lowerBound whether the oldest versions were wanted
 */
public record Selection(
    Variant variant,
    List<String> packages,
    List<String> onlyPackages,
    Optional<String> commit,
    boolean lowerBound) {
  /** Copies. */
  public Selection {
    packages = List.copyOf(packages);
    onlyPackages = List.copyOf(onlyPackages);
  }

  /** The version of a package in it; empty if it is not in it. */
  public Optional<String> versionOf(String name) {
    return packages.stream()
        .filter(pkg -> pkg.startsWith(name + "."))
        .map(pkg -> pkg.substring(name.length() + 1))
        .findFirst();
  }
}
