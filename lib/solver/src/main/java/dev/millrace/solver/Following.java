package dev.millrace.solver;

import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.RepositoryDiff;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests whose answers are kept up to date as a repository moves on. Immutable: each state of the
 * repository has its own.
 *
 * <p>A new state costs what differs: only requests whose read sets meet the difference are solved
 * again.
 */
public final class Following {
  private final Solver solver;
  private final List<SolveRequest> requests;
  private final List<SolveResult> results;

  private Following(Solver solver, List<SolveRequest> requests, List<SolveResult> results) {
    this.solver = solver;
    this.requests = requests;
    this.results = results;
  }

  /** What a new state of the repository has changed. */
  public record Step(Following following, List<Integer> solvedAgain, List<Integer> changed) {
    /** Copies. */
    public Step {
      solvedAgain = List.copyOf(solvedAgain);
      changed = List.copyOf(changed);
    }
  }

  /**
   * Answers the requests for the first time.
   *
   * @throws InterruptedException if the caller is interrupted
   */
  public static Following start(Solver solver, List<SolveRequest> requests)
      throws InterruptedException {
    List<SolveResult> results = new ArrayList<>();
    for (SolveRequest request : requests) {
      results.add(solver.solve(request));
    }
    return new Following(solver, List.copyOf(requests), List.copyOf(results));
  }

  /** The answers, in the order of the requests. */
  public List<SolveResult> results() {
    return results;
  }

  /** The solver of this state. */
  public Solver solver() {
    return solver;
  }

  /**
   * Goes on to another state of the repository.
   *
   * @param newer the state, which must stay open
   * @return which requests were solved again, and which of those have another answer now: another
   *     solution, or another explanation
   * @throws InterruptedException if the caller is interrupted; this state stays good
   */
  public Step advance(OpamRepository newer) throws InterruptedException {
    RepositoryDiff diff = RepositoryDiff.between(solver.repository(), newer);
    Solver next = solver.next(newer, diff);
    List<SolveResult> answers = new ArrayList<>(results);
    List<Integer> solvedAgain = new ArrayList<>();
    List<Integer> changed = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      SolveResult known = results.get(i);
      if (known.readSet().meets(diff)) {
        SolveResult answer = next.solve(requests.get(i));
        answers.set(i, answer);
        solvedAgain.add(i);
        if (!answer.saysTheSameAs(known)) {
          changed.add(i);
        }
      }
    }
    return new Step(new Following(next, requests, List.copyOf(answers)), solvedAgain, changed);
  }
}
