package dev.millrace.spec;

import dev.millrace.sexp.Location;
import dev.millrace.sexp.Sexp;
import dev.millrace.spec.SpecException.Problem;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Checks which builds a copy may be from. One thread at a time. */
final class SpecScope {
  private final List<Problem> problems = new ArrayList<>();
  private final IdentityHashMap<Op, Location> locations;

  SpecScope() {
    this(new IdentityHashMap<>());
  }

  /** A check that knows where the operations (by identity) stand in a text. */
  SpecScope(IdentityHashMap<Op, Location> locations) {
    this.locations = locations;
  }

  void require(Spec spec) {
    List<Problem> found = check(spec);
    if (!found.isEmpty()) {
      throw new SpecException(found);
    }
  }

  List<Problem> check(Spec spec) {
    check(spec, List.of());
    return problems;
  }

  private void check(Spec spec, List<String> enclosing) {
    List<String> scope = new ArrayList<>(enclosing);
    for (Spec.Child child : spec.children()) {
      check(child.spec(), scope);
      scope.add(child.name());
    }
    for (Op op : spec.ops()) {
      if (op instanceof Op.Copy copy
          && copy.source().isPresent()
          && !scope.contains(copy.source().get())) {
        problems.add(
            new Problem(
                locations.getOrDefault(op, Location.NONE),
                "Unknown build %s in %s.%s"
                    .formatted(
                        Sexp.quote(copy.source().get()),
                        SpecPrinter.toSexp(op).renderSpaced(0),
                        hint(scope))));
      }
    }
  }

  private static String hint(List<String> scope) {
    if (scope.isEmpty()) {
      return "";
    }
    List<String> names = scope.stream().distinct().map(Sexp::quote).toList();
    return names.size() == 1
        ? " Did you mean " + names.getFirst() + "?"
        : " Did you mean %s or %s?"
            .formatted(
                names.subList(0, names.size() - 1).stream().collect(Collectors.joining(", ")),
                names.getLast());
  }
}
