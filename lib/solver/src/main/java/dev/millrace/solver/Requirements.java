package dev.millrace.solver;

import dev.millrace.opam.Formula;
import dev.millrace.opam.PackageConstraint;
import dev.millrace.solver.Requirement.Restriction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Turns filtered formulas of an opam file into requirements, as opam-0install's model does. */
final class Requirements {
  private Requirements() {}

  /** Of the filtered {@code depends} and {@code conflicts} fields. */
  static List<Requirement> of(
      Formula<PackageConstraint> depends, Formula<PackageConstraint> conflicts) {
    List<Requirement> result = new ArrayList<>(flatten(depends, true));
    // A disjunction of conflicts is negated as a whole: none of them may hold.
    result.addAll(flatten(conflicts.negate(constraint -> constraint), false));
    return result;
  }

  /** Left to right; a disjunction becomes a role of its own. */
  private static List<Requirement> flatten(Formula<PackageConstraint> formula, boolean ensures) {
    List<Requirement> result = new ArrayList<>();
    Deque<Formula<PackageConstraint>> open = new ArrayDeque<>();
    open.push(formula);
    while (!open.isEmpty()) {
      switch (open.pop()) {
        case Formula.Empty<PackageConstraint> _ -> {}
        case Formula.Atom<PackageConstraint>(var constraint) ->
            result.add(atom(constraint, ensures));
        case Formula.Block<PackageConstraint>(var inner) -> open.push(inner);
        case Formula.And<PackageConstraint>(var left, var right) -> {
          open.push(right);
          open.push(left);
        }
        case Formula.Or<PackageConstraint> or ->
            result.add(new Requirement(disjunction(or, ensures), true, List.of()));
      }
    }
    return result;
  }

  private static Requirement atom(PackageConstraint constraint, boolean ensures) {
    Role role = new Role.Real(constraint.name());
    if (!ensures) {
      return new Requirement(role, false, List.of(new Restriction(false, constraint.versions())));
    }
    return new Requirement(
        role,
        true,
        constraint.versions().isEmpty()
            ? List.of()
            : List.of(new Restriction(true, constraint.versions())));
  }

  /**
   * Directly nested disjunctions give their alternatives to one role; one in parentheses stays one.
   */
  private static Role.Virtual disjunction(Formula.Or<PackageConstraint> or, boolean ensures) {
    List<Implementation.Alternative> alternatives = new ArrayList<>();
    Deque<Formula<PackageConstraint>> open = new ArrayDeque<>();
    open.push(or);
    while (!open.isEmpty()) {
      Formula<PackageConstraint> formula = open.pop();
      if (formula instanceof Formula.Or<PackageConstraint>(var left, var right)) {
        open.push(right);
        open.push(left);
      } else {
        alternatives.add(
            new Implementation.Alternative(alternatives.size(), flatten(formula, ensures)));
      }
    }
    return new Role.Virtual(alternatives);
  }
}
