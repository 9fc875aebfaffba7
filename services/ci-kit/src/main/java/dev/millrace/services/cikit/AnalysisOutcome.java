package dev.millrace.services.cikit;

import java.util.List;

/**
 * What to build a commit with. Immutable; made by {@link Analysis}.
 *
 * @param selections one for each platform that has a solution, upper bounds and lower bounds
 * @param ocamlformat the tool of {@code (lint-fmt)}
 * @param odoc the tool of {@code (lint-doc)}
 * @param opamDuneLint the tool of {@code (lint-opam)}
 */
public record AnalysisOutcome(
    List<Selection> selections, ToolChoice ocamlformat, ToolChoice odoc, ToolChoice opamDuneLint) {
  /** Copies. */
  public AnalysisOutcome {
    selections = List.copyOf(selections);
  }

  /** As text for a cache. */
  public String encode() {
    return CiKitJson.encode(this);
  }

  /**
   * Reads what {@link #encode} made.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static AnalysisOutcome decode(String text) {
    return CiKitJson.decode(text, AnalysisOutcome.class);
  }
}
