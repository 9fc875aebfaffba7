package dev.millrace.solver;

import dev.millrace.opam.Formula;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.Requirement.Restriction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Explains why there is no solution, in the words of 0install's diagnostics.
 *
 * <p>It starts from the closest match, in which a role for which nothing fits is left out, and says
 * of each such role what became of its candidates. The text is the original's byte for byte but for
 * the reason "unknown", which quotes the original's engine.
 */
final class Diagnostics {
  private static final int REJECTIONS_MAX = 5;
  private static final int LINE_MAX = 77;
  private static final String CONTINUATION = " ".repeat(10);

  private final Candidates.Source source;
  private final Map<PackageName, VersionConstraint> userConstraints;
  private final SequencedMap<Role, Component> report = new LinkedHashMap<>();

  private Diagnostics(
      Candidates.Source source, Map<PackageName, VersionConstraint> userConstraints) {
    this.source = source;
    this.userConstraints = userConstraints;
  }

  /**
   * The explanation.
   *
   * @param closest the closest match, whose gaps are {@link Implementation.Dummy}
   */
  static String explain(
      Candidates.Source source,
      Map<PackageName, VersionConstraint> userConstraints,
      Role goal,
      Map<Role, Implementation> closest)
      throws InterruptedException {
    Diagnostics diagnostics = new Diagnostics(source, userConstraints);
    diagnostics.fill(goal, closest);
    diagnostics.applyUserConstraints();
    diagnostics.checkConflictClasses();
    for (Component component : diagnostics.report.values()) {
      source.patience().check();
      diagnostics.examine(component);
    }
    diagnostics.report.values().forEach(Component::finish);
    return diagnostics.render();
  }

  /** A version, alternative or rejected version of a role, as something to talk about. */
  private sealed interface Candidate {
    record Usable(Implementation implementation) implements Candidate {
      @Override
      public String toString() {
        return implementation.toString();
      }
    }

    record Unusable(Candidates.Rejected rejected) implements Candidate {
      @Override
      public String toString() {
        return rejected.pkg().toString();
      }
    }

    /** Newest first; versions that could be used come before those that cannot. */
    static int compareNewestFirst(Candidate a, Candidate b) {
      if (a instanceof Unusable(var x) && b instanceof Unusable(var y)) {
        return y.pkg().compareTo(x.pkg());
      }
      if (a instanceof Usable(var x) && b instanceof Usable(var y)) {
        return compareVersions(y, x);
      }
      return a instanceof Usable ? -1 : 1;
    }

    default boolean meets(Restriction restriction) {
      return this instanceof Usable(var implementation) && restriction.isMetBy(implementation);
    }
  }

  private static int compareVersions(Implementation a, Implementation b) {
    if (a instanceof Implementation.Version x && b instanceof Implementation.Version y) {
      return x.pkg().compareTo(y.pkg());
    }
    if (a instanceof Implementation.Alternative x && b instanceof Implementation.Alternative y) {
      return Integer.compare(x.rank(), y.rank());
    }
    return 0;
  }

  private record Rejection(Candidate candidate, String reason) {}

  /** What is said of one role. */
  private static final class Component {
    private final Candidates.Source source;
    private final Role role;
    private final Optional<Implementation> selected;
    private final boolean hadCandidates;
    private List<Implementation> good;
    private List<Rejection> bad = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Component(
        Candidates.Source source,
        Role role,
        Implementation chosen,
        List<Implementation> good,
        List<Rejection> bad) {
      this.source = source;
      this.role = role;
      this.selected = Optional.of(chosen).filter(known -> !(known instanceof Implementation.Dummy));
      this.good = good;
      this.hadCandidates = !good.isEmpty();
      this.bad.addAll(bad);
    }

    /**
     * Rejects the good candidates for which there is a problem; the note is added if that matters.
     */
    void filter(@Nullable String note, Function<Implementation, @Nullable String> problemOf) {
      List<Implementation> left = new ArrayList<>();
      @Nullable String pending = note;
      for (Implementation candidate : good) {
        String problem = problemOf.apply(candidate);
        if (problem == null) {
          left.add(candidate);
          continue;
        }
        if (pending != null && affectsSelection(candidate)) {
          notes.add(pending);
          pending = null;
        }
        bad.add(new Rejection(new Candidate.Usable(candidate), problem));
      }
      good = left;
    }

    /** A worse version than the one selected would not have been selected anyway. */
    private boolean affectsSelection(Implementation candidate) {
      return selected.isEmpty() || compareVersions(selected.get(), candidate) <= 0;
    }

    void applyUserConstraint(VersionConstraint constraint) {
      Restriction restriction = new Restriction(true, Formula.atom(constraint));
      notes.add("User requested " + render(restriction));
      filter(null, candidate -> incompatible(candidate, restriction));
      // Who asked for a version wants to hear of that version only.
      List<Rejection> meeting =
          bad.stream().filter(rejection -> rejection.candidate().meets(restriction)).toList();
      if (!meeting.isEmpty() || !good.isEmpty()) {
        bad = new ArrayList<>(meeting);
      }
    }

    void finish() {
      if (selected.isPresent()) {
        return;
      }
      filter(null, this::conflictWithItself);
      filter(null, _ -> "Reason for rejection unknown: no engine asked");
    }

    private @Nullable String conflictWithItself(Implementation candidate) {
      for (Requirement requirement : source.requirements(candidate)) {
        if (requirement.role().equals(role)) {
          Restriction violated = requirement.firstViolation(candidate);
          if (violated != null) {
            return "Requires %s %s".formatted(role, render(violated));
          }
        }
      }
      return null;
    }
  }

  private static @Nullable String incompatible(Implementation candidate, Restriction restriction) {
    return restriction.isMetBy(candidate)
        ? null
        : "Incompatible with restriction: " + render(restriction);
  }

  private void fill(Role goal, Map<Role, Implementation> closest) throws InterruptedException {
    List<Role> roles = new ArrayList<>();
    closest.keySet().stream()
        .filter(Role.Real.class::isInstance)
        .map(Role.Real.class::cast)
        .sorted(Comparator.comparing(Role.Real::name))
        .forEach(roles::add);
    List<Role> virtual =
        new ArrayList<>(closest.keySet().stream().filter(Role.Virtual.class::isInstance).toList());
    if (virtual.size() > 1) {
      Map<Role, Integer> order = creationOrder(goal, virtual);
      virtual.sort(Comparator.comparing(role -> order.getOrDefault(role, Integer.MAX_VALUE)));
    }
    roles.addAll(virtual);
    for (Role role : roles) {
      report.put(role, component(role, closest.get(role)));
    }
  }

  private Component component(Role role, @Nullable Implementation chosen)
      throws InterruptedException {
    Implementation selected = chosen == null ? new Implementation.Dummy() : chosen;
    return switch (role) {
      case Role.Virtual virtual ->
          new Component(source, role, selected, new ArrayList<>(virtual.alternatives()), List.of());
      case Role.Real(var name) -> {
        Candidates candidates = source.of(name);
        yield new Component(
            source,
            role,
            selected,
            new ArrayList<>(candidates.good()),
            candidates.rejected().stream()
                .map(rejected -> new Rejection(new Candidate.Unusable(rejected), rejected.reason()))
                .toList());
      }
    };
  }

  /**
   * When the original would have made each disjunction's role: all of a role's candidates at once,
   * when the role is first met on a walk over everything that may be needed. It ends with the last
   * one that is wanted.
   */
  private Map<Role, Integer> creationOrder(Role goal, List<Role> wanted)
      throws InterruptedException {
    Set<Role> left = new HashSet<>(wanted);
    left.remove(goal);
    Map<Role, Integer> order = new HashMap<>();
    order.put(goal, 0);
    Map<Role, Boolean> visited = new HashMap<>();
    Deque<Role> open = new ArrayDeque<>();
    open.push(goal);
    while (!open.isEmpty() && !order.keySet().containsAll(left)) {
      Role role = open.pop();
      if (visited.putIfAbsent(role, true) != null) {
        continue;
      }
      source.patience().check();
      List<? extends Implementation> candidates =
          switch (role) {
            case Role.Virtual virtual -> virtual.alternatives();
            case Role.Real(var name) -> source.of(name).good();
          };
      if (role instanceof Role.Real) {
        candidates.forEach(candidate -> number(source.requirements(candidate), order));
      } else if (role.equals(goal)) {
        candidates.forEach(candidate -> number(source.requirements(candidate), order));
      }
      List<Role> next = new ArrayList<>();
      for (Implementation candidate : candidates) {
        source.requirements(candidate).forEach(requirement -> next.add(requirement.role()));
      }
      next.reversed().forEach(open::push);
    }
    return order;
  }

  /**
   * A disjunction is made after the disjunctions within it, and what stands right in a conjunction
   * before what stands left: the original joins lists with an operator whose right side is
   * evaluated first.
   */
  private static void number(List<Requirement> requirements, Map<Role, Integer> order) {
    for (Requirement requirement : requirements.reversed()) {
      if (requirement.role() instanceof Role.Virtual virtual && !order.containsKey(virtual)) {
        virtual.alternatives().forEach(inner -> number(inner.requirements(), order));
        order.put(virtual, order.size());
      }
    }
  }

  private void applyUserConstraints() {
    for (Component component : report.values()) {
      if (component.role instanceof Role.Real(var name)) {
        VersionConstraint constraint = userConstraints.get(name);
        if (constraint != null) {
          component.applyUserConstraint(constraint);
        }
      }
    }
  }

  private void checkConflictClasses() {
    Map<String, Role> classes = new HashMap<>();
    for (Component component : report.values()) {
      if (component.selected.orElse(null) instanceof Implementation.Version version) {
        version.conflictClasses().forEach(name -> classes.put(name, component.role));
      }
    }
    for (Component component : report.values()) {
      component.filter(null, candidate -> classConflict(component.role, candidate, classes));
    }
  }

  private static @Nullable String classConflict(
      Role role, Implementation candidate, Map<String, Role> classes) {
    if (candidate instanceof Implementation.Version version) {
      for (String conflictClass : version.conflictClasses()) {
        Role other = classes.get(conflictClass);
        if (other != null && !other.equals(role)) {
          return "In same conflict class (%s) as %s".formatted(conflictClass, other);
        }
      }
    }
    return null;
  }

  private void examine(Component component) {
    if (component.selected.isEmpty()) {
      component.filter(null, this::problemElsewhere);
      return;
    }
    Implementation selected = component.selected.get();
    for (Requirement requirement : source.requirements(selected)) {
      Component other = report.get(requirement.role());
      if (other == null || requirement.restrictions().isEmpty()) {
        continue;
      }
      for (Restriction restriction : requirement.restrictions()) {
        other.filter(
            "%s %s requires %s".formatted(component.role, version(selected), render(restriction)),
            candidate -> incompatible(candidate, restriction));
      }
    }
  }

  private static String version(Implementation implementation) {
    return switch (implementation) {
      case Implementation.Version version -> version.pkg().version().toString();
      case Implementation.Alternative alternative -> alternative.toString();
      case Implementation.Dummy _ -> "(no version)";
    };
  }

  /** The first requirement that does not go with what was selected for another role. */
  private @Nullable String problemElsewhere(Implementation candidate) {
    for (Requirement requirement : source.requirements(candidate)) {
      Component other = report.get(requirement.role());
      if (other != null && other.selected.isPresent()) {
        Restriction violated = requirement.firstViolation(other.selected.get());
        if (violated != null) {
          return "Requires %s %s".formatted(requirement.role(), render(violated));
        }
      }
    }
    return null;
  }

  // The text.

  static String render(Restriction restriction) {
    if (restriction.ensures()) {
      return render(restriction.versions());
    }
    return restriction.versions().isEmpty()
        ? "conflict with all versions"
        : "not(" + render(restriction.versions()) + ")";
  }

  static String render(Formula<VersionConstraint> formula) {
    return switch (formula) {
      case Formula.Empty<VersionConstraint> _ -> "";
      case Formula.Atom<VersionConstraint>(var constraint) ->
          constraint.toString().startsWith("!=")
              ? "<>" + constraint.toString().substring(2)
              : constraint.toString();
      case Formula.Block<VersionConstraint>(var inner) -> "(" + render(inner) + ")";
      case Formula.And<VersionConstraint>(var left, var right) ->
          inConjunction(left) + " & " + inConjunction(right);
      case Formula.Or<VersionConstraint>(var left, var right) ->
          render(left) + " | " + render(right);
    };
  }

  private static String inConjunction(Formula<VersionConstraint> formula) {
    return formula instanceof Formula.Or ? "(" + render(formula) + ")" : render(formula);
  }

  private String render() {
    StringBuilder text = new StringBuilder("Can't find all required versions.\n");
    text.append(renderSelected());
    for (Component component : report.values()) {
      if (component.selected.isEmpty() || !component.notes.isEmpty()) {
        renderComponent(component, text);
      }
    }
    return text.toString();
  }

  /** Filled lines: what would end beyond the margin goes to the next one. */
  private String renderSelected() {
    List<String> items =
        report.values().stream()
            .filter(component -> component.selected.isPresent() && component.notes.isEmpty())
            .map(component -> component.selected.get().toString())
            .toList();
    StringBuilder text = new StringBuilder("Selected:");
    int column = text.length();
    for (int i = 0; i < items.size(); i++) {
      String item = items.get(i);
      int end = column + 1 + item.length();
      if (end <= LINE_MAX || i == 0) {
        text.append(' ').append(item);
        column = end;
      } else {
        text.append('\n').append(CONTINUATION).append(item);
        column = CONTINUATION.length() + item.length();
      }
    }
    if (items.isEmpty()) {
      text.append(' ');
    }
    return text.toString();
  }

  private static void renderComponent(Component component, StringBuilder text) {
    text.append("\n- ")
        .append(component.role)
        .append(" -> ")
        .append(component.selected.map(Implementation::toString).orElse("(problem)"));
    component.notes.forEach(note -> text.append("\n    ").append(note));
    if (component.selected.isPresent()) {
      return;
    }
    if (component.bad.isEmpty()) {
      text.append("\n    No known implementations at all");
      return;
    }
    text.append(
        component.hadCandidates
            ? "\n    Rejected candidates:"
            : "\n    No usable implementations:");
    List<Rejection> sorted =
        component.bad.stream()
            .sorted((a, b) -> Candidate.compareNewestFirst(a.candidate(), b.candidate()))
            .toList();
    for (Rejection rejection : sorted.subList(0, Math.min(sorted.size(), REJECTIONS_MAX))) {
      text.append("\n      ").append(rejection.candidate()).append(": ").append(rejection.reason());
    }
    if (sorted.size() > REJECTIONS_MAX) {
      text.append("\n      ...");
    }
  }
}
