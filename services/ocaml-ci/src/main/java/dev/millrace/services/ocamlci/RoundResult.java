package dev.millrace.services.ocamlci;

import dev.millrace.engine.core.StageState;
import java.util.List;
import java.util.Optional;

/**
 * What the jobs of one commit came to.
 *
 * @param commit the commit, for people
 * @param rows the jobs in the order in which they are shown, the analysis last
 * @param passed whether nothing that counts failed
 * @param summary the verdict in words
 */
public record RoundResult(String commit, List<Row> rows, boolean passed, String summary) {
  /** Copies. */
  public RoundResult {
    rows = List.copyOf(rows);
  }

  /**
   * One job.
   *
   * @param label its name, such as {@code debian-13-5.3_opam-2.3} or {@code (lint-fmt)}
   * @param state how it ended
   * @param message the failure or the reason of a skip
   * @param experimental whether its failure does not count
   * @param operation the operation whose job tells more
   * @param key the operation's digest of what that job was for
   */
  public record Row(
      String label,
      StageState state,
      Optional<String> message,
      boolean experimental,
      String operation,
      String key) {}
}
