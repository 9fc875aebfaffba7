package dev.millrace.services.ocamlci;

import dev.millrace.engine.core.StageState;
import java.util.List;
import java.util.Optional;

/**
 * What the jobs of one commit came to.
 *
 * @param commit the commit, for people
 * @param rows the jobs in the order in which they are shown, what they were planned from last
 * @param verdict what they amount to
 * @param summary the verdict in words
 */
public record RoundResult(String commit, List<Row> rows, Verdict verdict, String summary) {
  /** Copies. */
  public RoundResult {
    rows = List.copyOf(rows);
  }

  /** What all jobs amount to. */
  public enum Verdict {
    /** Nothing that counts failed. */
    PASSED,
    /** A job that counts failed, and it is the project's to mend. */
    FAILED,
    /** All that counts and failed is the machine's fault, or Millrace's: nothing is known. */
    ERROR
  }

  /** Whether nothing that counts failed. */
  public boolean passed() {
    return verdict == Verdict.PASSED;
  }

  /**
   * One job, or what kept jobs from being planned.
   *
   * @param label its name, such as {@code debian-13-5.3_opam-2.3} or {@code (lint-fmt)}
   * @param state how it ended
   * @param message the failure or the reason of a skip
   * @param experimental whether its failure does not count
   * @param job whose log tells more
   */
  public record Row(
      String label,
      StageState state,
      Optional<String> message,
      boolean experimental,
      Optional<JobKey> job) {}

  /**
   * What a job is found by.
   *
   * @param operation what kind it is of
   * @param key the operation's digest of what it was for
   */
  public record JobKey(String operation, String key) {}
}
