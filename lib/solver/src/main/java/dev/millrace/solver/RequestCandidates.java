package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest.Rules;
import dev.millrace.solver.internal.Patience;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The candidates of one request: pins, constraints, availability, and the order of preference. */
final class RequestCandidates implements Candidates.Source {
  private final Platform platform;
  private final SolveRequest request;
  private final Patience patience;
  private final Relaxation relaxation;
  private final Map<Implementation.Version, List<Requirement>> relaxed = new HashMap<>();
  private final Map<PackageName, Candidates> known = new HashMap<>();
  private final Set<Implementation.Version> asked = new HashSet<>();

  RequestCandidates(Platform platform, SolveRequest request, Patience patience) {
    this(platform, request, patience, Relaxation.NONE);
  }

  RequestCandidates(
      Platform platform, SolveRequest request, Patience patience, Relaxation relaxation) {
    this.patience = patience;
    this.platform = platform;
    this.request = request;
    this.relaxation = relaxation;
  }

  ReadSet readSet() {
    Set<PackageName> names = new HashSet<>(known.keySet());
    // Their versions were given with the request, whatever the repository holds.
    names.removeAll(request.pins().keySet());
    Set<Package> excluded = new HashSet<>();
    known.values().forEach(candidates -> excluded.addAll(candidates.excluded()));
    Set<Package> fromRepository = new HashSet<>();
    for (Implementation.Version version : asked) {
      if (names.contains(version.pkg().name())) {
        fromRepository.add(version.pkg());
      }
    }
    return new ReadSet(names, excluded, fromRepository, request.rules() == Rules.SERVICE);
  }

  @Override
  public List<Requirement> requirements(Implementation implementation) {
    if (implementation instanceof Implementation.Version version) {
      asked.add(version);
      return relaxation.isNone()
          ? version.requirements()
          : relaxed.computeIfAbsent(version, this::relax);
    }
    return implementation.requirements();
  }

  private List<Requirement> relax(Implementation.Version version) {
    List<Requirement> left = new ArrayList<>();
    for (Requirement requirement : version.requirements()) {
      Fact fact = Fact.of(version, requirement);
      if (relaxation.widened().contains(fact)) {
        left.add(new Requirement(requirement.role(), requirement.essential(), List.of()));
      } else if (!relaxation.dropped().contains(fact)) {
        left.add(requirement);
      }
    }
    return left;
  }

  @Override
  public List<String> conflictClasses(Implementation.Version version) {
    List<String> all = version.conflictClasses();
    return all.isEmpty() || relaxation.isNone()
        ? all
        : all.stream()
            .filter(name -> !relaxation.dropped().contains(new Fact.OneOfClass(name)))
            .toList();
  }

  @Override
  public Patience patience() {
    return patience;
  }

  /** The facts that the search has met. */
  Set<Fact> facts() {
    Set<Fact> facts = new LinkedHashSet<>();
    known.forEach(
        (name, candidates) -> {
          for (Candidates.Rejected rejected : candidates.rejected()) {
            facts.add(
                rejected.reason().equals(Platform.UNAVAILABLE)
                    ? new Fact.Unavailable(name)
                    : new Fact.Constrained(name));
          }
          for (Implementation.Version version : candidates.good()) {
            conflictClasses(version).forEach(kind -> facts.add(new Fact.OneOfClass(kind)));
            if (asked.contains(version)) {
              requirements(version)
                  .forEach(requirement -> facts.add(Fact.of(version, requirement)));
            }
          }
        });
    return facts;
  }

  /** Whether the search has read the dependencies and conflicts of a version. */
  boolean hasAsked(Implementation.Version version) {
    return asked.contains(version);
  }

  @Override
  public Candidates of(PackageName name) throws InterruptedException {
    Candidates candidates = known.get(name);
    if (candidates == null) {
      patience.check();
      candidates = find(name);
      known.put(name, candidates);
    }
    return candidates;
  }

  private Candidates find(PackageName name) {
    boolean test = request.withTest().contains(name);
    SolveRequest.Pin pin = request.pins().get(name);
    boolean anywhere = relaxation.dropped().contains(new Fact.Unavailable(name));
    if (pin != null) {
      return pinned(new Package(name, pin.version()), pin, test, anywhere);
    }
    Optional<VersionConstraint> constraint =
        relaxation.dropped().contains(new Fact.Constrained(name))
            ? Optional.empty()
            : Optional.ofNullable(request.constraints().get(name));
    Platform.View view =
        new Platform.View(name, constraint, test, anywhere, request.preference(), request.rules());
    return platform.candidates(view);
  }

  private Candidates pinned(Package pkg, SolveRequest.Pin pin, boolean test, boolean anywhere) {
    Platform.Described described = platform.new Described(pkg, pin.file().terms());
    return request.rules() == Rules.SERVICE && !anywhere && !described.isAvailable()
        ? new Candidates(
            List.of(), List.of(new Candidates.Rejected(pkg, Platform.UNAVAILABLE)), List.of())
        : new Candidates(List.of(described.implementation(test)), List.of(), List.of());
  }
}
