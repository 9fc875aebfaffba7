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
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.util.ArrayList;
import java.util.Comparator;
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
  static final String UNAVAILABLE = "Availability condition not satisfied";

  /** How many lists of candidates are kept; each takes as much as the versions of a package. */
  private static final int CANDIDATES_MAX = 100_000;

  private final OpamRepository repository;
  private final Map<String, String> variables;
  private final Map<PackageName, List<Entry>> entries = new ConcurrentHashMap<>();
  private final Map<View, Candidates> candidates = new ConcurrentHashMap<>();

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
    candidates.forEach(
        (view, known) -> {
          if (!changed.contains(view.name())) {
            next.candidates.put(view, known);
          }
        });
    return next;
  }

  /**
   * What requests may ask of a package's versions; many ask the same.
   *
   * @param test whether its tests count
   * @param anywhere whether it does not matter if they are available
   */
  record View(
      PackageName name,
      Optional<VersionConstraint> constraint,
      boolean test,
      boolean anywhere,
      Preference preference,
      Rules rules) {}

  /** The candidates that such requests have. */
  Candidates candidates(View view) {
    Candidates known = candidates.get(view);
    if (known == null) {
      if (candidates.size() > CANDIDATES_MAX) {
        candidates.clear();
      }
      known = find(view);
      Candidates earlier = candidates.putIfAbsent(view, known);
      known = earlier == null ? known : earlier;
    }
    return known;
  }

  private Candidates find(View view) {
    List<Entry> entries = entries(view.name());
    if (view.preference() == Preference.OLDEST) {
      // Not reversed: of versions that are equal the plainest spelling is best in either order.
      entries = entries.stream().sorted(Comparator.comparing(e -> e.pkg().version())).toList();
    }
    List<Implementation.Version> good = new ArrayList<>();
    List<Implementation.Version> avoided = new ArrayList<>();
    List<Candidates.Rejected> rejected = new ArrayList<>();
    List<Package> excluded = new ArrayList<>();
    for (Entry entry : entries) {
      if (view.constraint().filter(c -> !c.holds(entry.pkg().version())).isPresent()) {
        excluded.add(entry.pkg());
        rejected.add(new Candidates.Rejected(entry.pkg(), exclusion(view)));
        continue;
      }
      Described described = entry.described(this);
      if (!view.anywhere() && !described.isAvailable()) {
        rejected.add(new Candidates.Rejected(entry.pkg(), UNAVAILABLE));
      } else if (view.rules() == Rules.SERVICE && described.isAvoided()) {
        avoided.add(described.implementation(view.test()));
      } else {
        good.add(described.implementation(view.test()));
      }
    }
    good.addAll(avoided);
    return new Candidates(good, rejected, excluded);
  }

  private static String exclusion(View view) {
    return "Rejected by user-specified constraint %s (%s)"
        .formatted(view.name(), view.constraint().map(VersionConstraint::toString).orElse(""));
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
