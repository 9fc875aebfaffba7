package dev.millrace.solver;

import dev.millrace.opam.DependencyFlags;
import dev.millrace.opam.Environment;
import dev.millrace.opam.Filter;
import dev.millrace.opam.FilteredFormula;
import dev.millrace.opam.OpamParseException;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageTerms;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.VariableValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A repository as one platform sees it: what is read, filtered and flattened once serves all
 * requests. Thread-safe.
 */
final class Platform {
  private final OpamRepository repository;
  private final Map<String, String> variables;
  private final Map<PackageName, List<Entry>> entries = new ConcurrentHashMap<>();

  Platform(OpamRepository repository, Map<String, String> variables) {
    this.repository = repository;
    this.variables = variables;
  }

  /** The same platform on another state of the repository, in which only these packages differ. */
  Platform next(OpamRepository newer, Set<PackageName> changed) {
    Platform next = new Platform(newer, variables);
    entries.forEach(
        (name, known) -> {
          if (!changed.contains(name)) {
            next.entries.put(name, known);
          }
        });
    return next;
  }

  /** The versions of a package, newest first. */
  List<Entry> entries(PackageName name) {
    List<Entry> known = entries.get(name);
    if (known == null) {
      // Two threads may both do this; the work is small and the results are the same.
      known =
          repository.listVersions(name).reversed().stream()
              .map(version -> new Entry(new Package(name, version)))
              .toList();
      List<Entry> earlier = entries.putIfAbsent(name, known);
      known = earlier == null ? known : earlier;
    }
    return known;
  }

  /**
   * A version of the repository. What it remembers is the same whoever computes it, and stays true
   * on a later state of the repository where the version's file is the same.
   */
  static final class Entry {
    private final Package pkg;
    private volatile @Nullable Described described;

    private Entry(Package pkg) {
      this.pkg = pkg;
    }

    Package pkg() {
      return pkg;
    }

    Described described(Platform platform) {
      Described known = described;
      if (known == null) {
        known = platform.new Described(pkg, platform.read(pkg));
        described = known;
      }
      return known;
    }
  }

  private PackageTerms read(Package pkg) {
    try {
      return repository
          .findTerms(pkg)
          .orElseThrow(() -> new IllegalStateException(pkg + " has vanished from the repository"));
    } catch (OpamParseException e) {
      throw new SolverException(
          "Cannot read %s in the opam repository: %s".formatted(pkg, e.getMessage()), e);
    }
  }

  /** A version, as its file describes it for this platform. */
  final class Described {
    private final boolean available;
    private final boolean avoided;
    private final Implementation.Version plain;
    private final Implementation.Version tested;

    Described(Package pkg, PackageTerms file) {
      Environment environment = environment(pkg.version());
      this.available =
          file.available().eval(environment) instanceof Filter.Outcome.Truth(var value) && value;
      this.avoided = file.avoidVersion();
      List<String> classes = file.conflictClasses().stream().map(PackageName::toString).toList();
      this.plain = version(pkg, file, environment, classes, false);
      this.tested = version(pkg, file, environment, classes, true);
    }

    /** Whether its {@code available} is true here; undefined is not. */
    boolean isAvailable() {
      return available;
    }

    /** Whether it has the flag {@code avoid-version}. */
    boolean isAvoided() {
      return avoided;
    }

    Implementation.Version implementation(boolean withTest) {
      return withTest ? tested : plain;
    }
  }

  private static Implementation.Version version(
      Package pkg, PackageTerms file, Environment environment, List<String> classes, boolean test) {
    DependencyFlags flags =
        DependencyFlags.SOLVE
            .withTest(test)
            .withDev(pkg.version().compareTo(PackageVersion.DEV) == 0);
    return new Implementation.Version(
        pkg,
        classes,
        () ->
            new ArrayList<>(
                Requirements.of(
                    FilteredFormula.filter(file.depends(), environment, flags),
                    FilteredFormula.filter(file.conflicts(), environment, flags))));
  }

  private Environment environment(PackageVersion version) {
    return name ->
        switch (name) {
          case "version" -> Optional.of(VariableValue.of(version.toString()));
          case "ocaml:native" -> Optional.of(VariableValue.of(true));
          default -> Optional.ofNullable(variables.get(name)).map(VariableValue::of);
        };
  }
}
