package dev.millrace.solver.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Goal: on random problems the engine finds what trying everything finds: the greatest solution in
 * the order in which variables are chosen, or none.
 */
class SatProperties {
  private static final int VARIABLES_MAX = 14;

  /** About 4.3 clauses a variable are as often satisfiable as not. */
  private static final double HARDEST = 4.3;

  private static int[] clause(Random random, int variables, int length) {
    return random.ints(0, variables).distinct().limit(length).map(v -> signed(random, v)).toArray();
  }

  private static int signed(Random random, int variable) {
    return random.nextBoolean() ? variable + 1 : -(variable + 1);
  }

  private static void check(SatProblem problem) throws InterruptedException {
    var found = problem.solve();
    var expected = problem.bruteForce();

    assertThat(found.isPresent()).isEqualTo(expected.isPresent());
    if (found.isPresent()) {
      assertThat(found.get()).isEqualTo(expected.get());
    }
  }

  @Test
  void solvesRandom3Sat() {
    RandomTest.check(
        1_500,
        VARIABLES_MAX,
        (random, size) -> {
          int variables = Math.max(3, size);
          SatProblem problem = new SatProblem(variables);
          for (int i = 0; i < variables * HARDEST; i++) {
            problem.clause(clause(random, variables, 3));
          }
          check(problem);
        });
  }

  @Test
  void solvesClausesThatComeLateAndGroups() {
    RandomTest.check(
        1_500,
        VARIABLES_MAX,
        (random, size) -> {
          int variables = Math.max(4, size);
          SatProblem problem = new SatProblem(variables);
          for (int i = 0; i < variables; i++) {
            problem.clause(clause(random, variables, 1 + random.nextInt(3)));
            int trigger = random.nextInt(variables);
            int[] others = clause(random, variables, 1 + random.nextInt(2));
            if (Arrays.stream(others).noneMatch(l -> Math.abs(l) == trigger + 1)) {
              problem.clauseOnceTrue(trigger, others);
            }
            if (random.nextInt(4) == 0) {
              problem.atMostOne(
                  random.ints(0, variables).distinct().limit(2 + random.nextInt(3)).toArray());
            }
          }
          check(problem);
        });
  }
}
