package dev.millrace.solver;

import dev.millrace.opam.OpamFile;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.VersionConstraint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is wanted.
 *
 * @param roots the packages that must be there; their order decides which preference wins
 * @param constraints versions that packages must have if they are there
 * @param variables opam's variables of the platform, such as {@code os-distribution}; {@code
 *     ocaml:native} is true in any case, all others are undefined
 * @param withTest the packages whose tests count
 * @param pins packages that have one version only, from elsewhere than the repository
 * @param preference which versions are better
 * @param rules whose rules are followed where they differ
 */
public record SolveRequest(
    List<PackageName> roots,
    Map<PackageName, VersionConstraint> constraints,
    Map<String, String> variables,
    Set<PackageName> withTest,
    Map<PackageName, Pin> pins,
    Preference preference,
    Rules rules) {
  /** Copies. */
  public SolveRequest {
    roots = List.copyOf(roots);
    constraints = Map.copyOf(constraints);
    variables = Map.copyOf(new LinkedHashMap<>(variables));
    withTest = Set.copyOf(withTest);
    pins = Map.copyOf(pins);
  }

  /** The newest versions of these packages, for a platform, by the library's rules. */
  public static SolveRequest of(List<PackageName> roots, Map<String, String> variables) {
    return new SolveRequest(
        roots, Map.of(), variables, Set.of(), Map.of(), Preference.NEWEST, Rules.LIBRARY);
  }

  /** A version that counts instead of all of the repository's. */
  public record Pin(PackageVersion version, OpamFile file) {}

  /** Which versions are better. */
  public enum Preference {
    /** New ones. */
    NEWEST,
    /** Old ones, for testing lower bounds. */
    OLDEST
  }

  /** Whose rules are followed. */
  public enum Rules {
    /** opam-0install's: {@code avoid-version} does not matter, pins are available everywhere. */
    LIBRARY,
    /** solver-service's: versions with {@code avoid-version} come last, pins must be available. */
    SERVICE
  }
}
