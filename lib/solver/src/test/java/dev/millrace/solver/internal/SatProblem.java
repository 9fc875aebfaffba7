package dev.millrace.solver.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Clauses and groups over variables, for tests: solved by the engine, all at once or told clause by
 * clause when a variable becomes true, and by trying all assignments.
 */
final class SatProblem {
  private final int variables;
  private final List<int[]> clauses = new ArrayList<>();
  private final List<int[]> groups = new ArrayList<>();
  private final Map<Integer, List<int[]>> later = new HashMap<>();

  SatProblem(int variables) {
    this.variables = variables;
  }

  /**
   * At least one of these; {@code v + 1} stands for variable {@code v}, negative for its negation.
   */
  SatProblem clause(int... literals) {
    clauses.add(literals.clone());
    return this;
  }

  SatProblem atMostOne(int... members) {
    groups.add(members.clone());
    return this;
  }

  /** A clause that the engine hears of when the variable first becomes true, which it needs. */
  SatProblem clauseOnceTrue(int variable, int... others) {
    int[] all = Arrays.copyOf(others, others.length + 1);
    all[others.length] = -(variable + 1);
    later.computeIfAbsent(variable, _ -> new ArrayList<>()).add(all);
    return this;
  }

  /** What the engine finds, with the first undecided variable made true at each choice. */
  Optional<boolean[]> solve() throws InterruptedException {
    return new Run().solve(Patience.endless());
  }

  Optional<boolean[]> solve(Patience patience) throws InterruptedException {
    return new Run().solve(patience);
  }

  /** The greatest solution, true being greater and the first variable counting most. */
  Optional<boolean[]> bruteForce() {
    for (int bits = 0; bits < 1 << variables; bits++) {
      boolean[] values = new boolean[variables];
      for (int v = 0; v < variables; v++) {
        values[v] = (bits >> (variables - 1 - v) & 1) == 0;
      }
      if (holds(values)) {
        return Optional.of(values);
      }
    }
    return Optional.empty();
  }

  boolean holds(boolean[] values) {
    return clauses.stream().allMatch(clause -> holds(clause, values))
        && later.values().stream()
            .allMatch(list -> list.stream().allMatch(clause -> holds(clause, values)))
        && groups.stream()
            .allMatch(group -> Arrays.stream(group).filter(v -> values[v]).count() <= 1);
  }

  private static boolean holds(int[] clause, boolean[] values) {
    return Arrays.stream(clause).anyMatch(literal -> values[Math.abs(literal) - 1] == literal > 0);
  }

  private final class Run implements Sat.Guide {
    private @Nullable Sat sat;

    Optional<boolean[]> solve(Patience patience) throws InterruptedException {
      Sat engine = new Sat(this, patience);
      sat = engine;
      for (int v = 0; v < variables; v++) {
        int _ = engine.newVariable();
      }
      groups.forEach(
          group -> {
            Sat.Group grown = engine.addGroup(new int[] {group[0]});
            for (int i = 1; i < group.length; i++) {
              engine.addTo(grown, group[i]);
            }
          });
      clauses.forEach(clause -> engine.addClause(literals(clause)));
      if (!engine.solve()) {
        return Optional.empty();
      }
      boolean[] values = new boolean[variables];
      for (int v = 0; v < variables; v++) {
        values[v] = engine.isTrue(v);
      }
      return Optional.of(values);
    }

    private static int[] literals(int[] clause) {
      return Arrays.stream(clause)
          .map(l -> l > 0 ? Sat.positive(l - 1) : Sat.negative(-l - 1))
          .toArray();
    }

    private Sat engine() {
      return Objects.requireNonNull(sat);
    }

    @Override
    public int choose() {
      for (int v = 0; v < variables; v++) {
        if (engine().isUndecided(v)) {
          return Sat.positive(v);
        }
      }
      return Sat.NONE;
    }

    @Override
    public void becameTrue(int variable) {
      later
          .getOrDefault(variable, List.of())
          .forEach(clause -> engine().addClause(literals(clause)));
    }
  }
}
