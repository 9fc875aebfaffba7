package dev.millrace.services.cikit;

import dev.millrace.ocaml.OcamlRelease;
import dev.millrace.ocaml.OcamlVersion;
import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest;
import dev.millrace.solver.SolveResult;
import dev.millrace.solver.Solver;
import dev.millrace.solver.SolverException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Picks versions with {@link Solver}, as solver-service asks for them: the platform's compiler
 * comes first, the project's packages have one version each, and those that the platform excludes
 * are left out. Thread-safe.
 */
public final class OpamVersionSolver implements VersionSolver {
  /** The explanation where a platform excludes all roots, so that nothing was solved. */
  public static final String NOT_AVAILABLE = "Not available for this platform";

  /** Real requests take less than a second. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final PackageName BETA = PackageName.parse("ocaml-beta");
  private static final PackageVersion BETA_ENABLED = PackageVersion.parse("enabled");

  private final Solver solver;
  private final String description;
  private final Optional<String> commit;
  private final Duration limit;

  private OpamVersionSolver(
      Solver solver, String description, Optional<String> commit, Duration limit) {
    this.solver = solver;
    this.description = description;
    this.commit = commit;
    this.limit = limit;
  }

  /**
   * A solver over a repository, which must stay open and belongs to who opened it.
   *
   * @param description what the repository is, for people
   * @param commit the repository's commit, if it has any
   */
  public static OpamVersionSolver open(
      OpamRepository repository, String description, Optional<String> commit) {
    return new OpamVersionSolver(Solver.open(repository), description, commit, LIMIT);
  }

  /** The same, which answers within this time or not at all. */
  public OpamVersionSolver withLimit(Duration newLimit) {
    return new OpamVersionSolver(solver, description, commit, newLimit);
  }

  @Override
  public String describe() {
    return description;
  }

  @Override
  public Answer solve(Question question) throws InterruptedException {
    PlatformVariables variables = question.variables();
    Map<PackageName, SolveRequest.Pin> pins = new LinkedHashMap<>();
    for (PackageSource source : question.pins()) {
      pin(pins, source, ProjectOpamFile.parse(source));
    }
    List<PackageName> roots = new ArrayList<>(List.of(compiler(variables)));
    List<String> compatible = new ArrayList<>();
    for (PackageSource source : question.roots()) {
      OpamFile file = ProjectOpamFile.parse(source);
      pin(pins, source, file);
      if (Compatibility.allows(variables, file)) {
        roots.add(Package.parse(source.pkg()).name());
        compatible.add(source.pkg());
      }
    }
    if (compatible.isEmpty()) {
      return new Answer.Unsolvable(NOT_AVAILABLE);
    }
    Set<PackageName> tested = new HashSet<>();
    question.roots().forEach(source -> tested.add(Package.parse(source.pkg()).name()));
    enableBeta(variables, pins);
    return answer(
        new SolveRequest(
            roots,
            Map.of(
                compiler(variables),
                new VersionConstraint(Relop.EQ, PackageVersion.parse(variables.ocamlVersion()))),
            variables.toMap(),
            tested,
            pins,
            question.preferOldest()
                ? SolveRequest.Preference.OLDEST
                : SolveRequest.Preference.NEWEST,
            SolveRequest.Rules.SERVICE),
        compatible);
  }

  private Answer answer(SolveRequest request, List<String> compatible) throws InterruptedException {
    try {
      SolveResult result =
          solver
              .solve(request, limit)
              .orElseThrow(
                  () ->
                      new CiKitException(
                          "Found no answer within %d ms".formatted(limit.toMillis())));
      return switch (result) {
        case SolveResult.Solution solution ->
            new Answer.Solved(
                solution.packages().stream()
                    .filter(pkg -> !pkg.name().equals(BETA))
                    .map(Package::toString)
                    .toList(),
                compatible,
                commit);
        case SolveResult.NoSolution none -> new Answer.Unsolvable(none.explanation());
      };
    } catch (SolverException e) {
      throw CiKitException.of(String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      throw CiKitException.passing("Cannot read %s: %s".formatted(description, e.getMessage()), e);
    }
  }

  private static PackageName compiler(PlatformVariables variables) {
    return PackageName.parse(variables.ocamlPackage());
  }

  private static void pin(
      Map<PackageName, SolveRequest.Pin> pins, PackageSource source, OpamFile file) {
    Package pkg = Package.parse(source.pkg());
    pins.put(pkg.name(), new SolveRequest.Pin(pkg.version(), file));
  }

  /** The compilers of a series in development ask for this package, which no repository has. */
  private static void enableBeta(
      PlatformVariables variables, Map<PackageName, SolveRequest.Pin> pins) {
    if (OcamlVersion.find(variables.ocamlVersion())
        .filter(OcamlRelease::isDevelopment)
        .isPresent()) {
      pins.put(
          BETA,
          new SolveRequest.Pin(
              BETA_ENABLED,
              OpamFile.parse(
                  "opam-version: \"2.0\"\nflags: avoid-version\n", "ocaml-beta.enabled")));
    }
  }
}
