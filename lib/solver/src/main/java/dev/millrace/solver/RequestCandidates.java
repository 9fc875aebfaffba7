package dev.millrace.solver;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The candidates of one request: pins, constraints, availability, and the order of preference. */
final class RequestCandidates implements Candidates.Source {
  private static final String UNAVAILABLE = "Availability condition not satisfied";

  private final Platform platform;
  private final SolveRequest request;
  private final Map<PackageName, Candidates> known = new HashMap<>();
  private final Set<Package> excluded = new HashSet<>();
  private final Set<Package> asked = new HashSet<>();

  RequestCandidates(Platform platform, SolveRequest request) {
    this.platform = platform;
    this.request = request;
  }

  ReadSet readSet() {
    Set<PackageName> names = new HashSet<>(known.keySet());
    // Their versions were given with the request, whatever the repository holds.
    names.removeAll(request.pins().keySet());
    Set<Package> fromRepository = new HashSet<>(asked);
    fromRepository.removeIf(pkg -> request.pins().containsKey(pkg.name()));
    return new ReadSet(
        names, excluded, fromRepository, request.rules() == SolveRequest.Rules.SERVICE);
  }

  @Override
  public List<Requirement> requirements(Implementation implementation) {
    if (implementation instanceof Implementation.Version version) {
      asked.add(version.pkg());
    }
    return implementation.requirements();
  }

  @Override
  public Candidates of(PackageName name) throws InterruptedException {
    Candidates candidates = known.get(name);
    if (candidates == null) {
      if (Thread.interrupted()) {
        throw new InterruptedException("The search for package versions was cancelled");
      }
      candidates = find(name);
      known.put(name, candidates);
    }
    return candidates;
  }

  private Candidates find(PackageName name) {
    boolean test = request.withTest().contains(name);
    SolveRequest.Pin pin = request.pins().get(name);
    if (pin != null) {
      Package pkg = new Package(name, pin.version());
      Platform.Described described = platform.new Described(pkg, pin.file().terms());
      return request.rules() == Rules.SERVICE && !described.isAvailable()
          ? new Candidates(List.of(), List.of(new Candidates.Rejected(pkg, UNAVAILABLE)))
          : new Candidates(List.of(described.implementation(test)), List.of());
    }
    List<Platform.Entry> entries = platform.entries(name);
    if (request.preference() == Preference.OLDEST) {
      // Not reversed: of versions that are equal the plainest spelling is best in either order.
      entries = entries.stream().sorted(Comparator.comparing(e -> e.pkg().version())).toList();
    }
    List<Implementation.Version> good = new ArrayList<>();
    List<Implementation.Version> avoided = new ArrayList<>();
    List<Candidates.Rejected> rejected = new ArrayList<>();
    VersionConstraint constraint = request.constraints().get(name);
    for (Platform.Entry entry : entries) {
      PackageVersion version = entry.pkg().version();
      if (constraint != null && !constraint.holds(version)) {
        excluded.add(entry.pkg());
        rejected.add(new Candidates.Rejected(entry.pkg(), exclusion(name, constraint)));
        continue;
      }
      Platform.Described described = entry.described(platform);
      if (!described.isAvailable()) {
        rejected.add(new Candidates.Rejected(entry.pkg(), UNAVAILABLE));
      } else if (request.rules() == Rules.SERVICE && described.isAvoided()) {
        avoided.add(described.implementation(test));
      } else {
        good.add(described.implementation(test));
      }
    }
    good.addAll(avoided);
    return new Candidates(good, rejected);
  }

  private static String exclusion(PackageName name, VersionConstraint constraint) {
    return "Rejected by user-specified constraint %s (%s)".formatted(name, constraint);
  }
}
