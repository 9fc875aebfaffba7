package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Versions that go together, one of a package: a solution for any of them, though not the one that
 * would be picked. Another version can be tried in its place among them, which takes a hundredth of
 * a search. Immutable.
 */
final class Witness {
  private final Map<PackageName, Implementation.Version> versions;

  private Witness(Map<PackageName, Implementation.Version> versions) {
    this.versions = Map.copyOf(versions);
  }

  /** What a search has found. */
  static Witness of(Platform platform, Collection<Package> solution) {
    Map<PackageName, Implementation.Version> versions = new HashMap<>();
    for (Package pkg : solution) {
      entry(platform, pkg)
          .ifPresent(
              entry -> versions.put(pkg.name(), entry.described(platform).implementation(false)));
    }
    return new Witness(versions);
  }

  private static Optional<Platform.Entry> entry(Platform platform, Package pkg) {
    return platform.entries(pkg.name()).stream()
        .filter(entry -> entry.pkg().equals(pkg))
        .findFirst();
  }

  /** Says whether a version goes together with these, in place of the one that they have. */
  boolean accepts(Platform platform, Package pkg) {
    Optional<Platform.Entry> entry = entry(platform, pkg);
    if (entry.isEmpty() || !entry.get().described(platform).isAvailable()) {
      return false;
    }
    Implementation.Version added = entry.get().described(platform).implementation(false);
    Map<PackageName, Implementation.Version> swapped = new HashMap<>(versions);
    swapped.put(pkg.name(), added);
    if (!added.requirements().stream().allMatch(one -> holds(one, swapped))) {
      return false;
    }
    Set<String> classes = new HashSet<>();
    return swapped.values().stream()
        .allMatch(
            version ->
                version.conflictClasses().stream().distinct().allMatch(classes::add)
                    && version.requirements().stream().allMatch(one -> holds(one, swapped)));
  }

  private static boolean holds(
      Requirement requirement, Map<PackageName, Implementation.Version> chosen) {
    return switch (requirement.role()) {
      case Role.Real(var name) -> {
        Implementation.Version version = chosen.get(name);
        yield version == null
            ? !requirement.essential()
            : requirement.accepts(version.pkg().version());
      }
      case Role.Virtual virtual ->
          virtual.alternatives().stream()
              .anyMatch(
                  alternative ->
                      alternative.requirements().stream().allMatch(one -> holds(one, chosen)));
    };
  }
}
