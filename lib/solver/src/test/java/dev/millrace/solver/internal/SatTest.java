package dev.millrace.solver.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the engine's answers on problems whose answers are known. */
class SatTest {
  /** Each pigeon has a hole; each hole takes one pigeon, said by clauses or by groups. */
  private static SatProblem pigeons(int pigeons, int holes, boolean groups) {
    SatProblem problem = new SatProblem(pigeons * holes);
    for (int p = 0; p < pigeons; p++) {
      int[] somewhere = new int[holes];
      for (int h = 0; h < holes; h++) {
        somewhere[h] = p * holes + h + 1;
      }
      problem.clause(somewhere);
    }
    for (int h = 0; h < holes; h++) {
      int[] inHole = new int[pigeons];
      for (int p = 0; p < pigeons; p++) {
        inHole[p] = p * holes + h;
        for (int q = 0; q < p && !groups; q++) {
          problem.clause(-(p * holes + h + 1), -(q * holes + h + 1));
        }
      }
      if (groups) {
        problem.atMostOne(inHole);
      }
    }
    return problem;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void oneMorePigeonThanHolesDoesNotFit(int holes) throws Exception {
    assertThat(pigeons(holes + 1, holes, false).solve()).isEmpty();
    assertThat(pigeons(holes + 1, holes, true).solve()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 6})
  void asManyPigeonsAsHolesFit(int holes) throws Exception {
    for (boolean groups : new boolean[] {false, true}) {
      SatProblem problem = pigeons(holes, holes, groups);

      Optional<boolean[]> found = problem.solve();

      assertThat(found).isPresent();
      assertThat(problem.holds(found.get())).isTrue();
    }
  }

  @Test
  void atMostOneOfAGroupIsTrue() throws Exception {
    assertThat(new SatProblem(4).atMostOne(0, 1, 2, 3).solve().orElseThrow())
        .containsExactly(true, false, false, false);
    assertThat(new SatProblem(4).atMostOne(0, 1, 2, 3).clause(3).clause(-1, -4).solve())
        .contains(new boolean[] {false, false, true, false});
    assertThat(new SatProblem(2).atMostOne(0, 1).clause(1).clause(2).solve()).isEmpty();
    assertThat(new SatProblem(3).atMostOne(0, 1).atMostOne(1, 2).clause(2).solve())
        .contains(new boolean[] {false, true, false});
  }

  @Test
  void anEmptyClauseCannotHold() throws Exception {
    assertThat(new SatProblem(1).clause().solve()).isEmpty();
    assertThat(new SatProblem(0).solve()).isPresent();
  }

  @Test
  void aClauseThatComesLateUndoesTheChoice() throws Exception {
    assertThat(new SatProblem(3).clauseOnceTrue(0, -2).clause(2).solve())
        .contains(new boolean[] {false, true, true});
    assertThat(new SatProblem(2).clause(1).clauseOnceTrue(0, 2).clauseOnceTrue(1, -1).solve())
        .isEmpty();
  }

  /** A long chain is walked without recursion. */
  @Test
  void followsAHundredThousandImplications() throws Exception {
    int length = 100_000;
    SatProblem chain = new SatProblem(length).clause(1);
    for (int v = 1; v < length; v++) {
      chain.clause(-v, v + 1);
    }

    boolean[] values = chain.solve().orElseThrow();

    boolean[] all = new boolean[length];
    Arrays.fill(all, true);
    assertThat(values).isEqualTo(all);
  }

  @Test
  void endsWhenTheTimeIsUp() {
    AtomicLong time = new AtomicLong();
    Patience patience = new Patience(time::incrementAndGet, 1_000);

    assertThatThrownBy(() -> pigeons(12, 11, false).solve(patience))
        .isInstanceOf(Patience.TimeUpException.class);
    assertThat(time.get()).isBetween(1_000L, 1_010L);
  }

  @Test
  void endsWhenItsThreadIsInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> pigeons(12, 11, false).solve())
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }
}
