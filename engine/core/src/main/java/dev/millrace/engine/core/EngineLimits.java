package dev.millrace.engine.core;

import dev.millrace.base.Limit;
import java.util.List;

/** What an engine bounds. */
public final class EngineLimits {
  private EngineLimits() {}

  /** All of them, in the order of the document. */
  public static List<Limit> list() {
    return List.of(
        new Limit("log rules", "%d".formatted(LogRules.RULES_MAX), "none is stored"),
        new Limit(
            "the pattern or report of a log rule",
            "%,d characters".formatted(LogRule.CHARS_MAX),
            "it is not stored; the page says why"),
        new Limit(
            "causes kept of why a job ran",
            "%d".formatted(JobReason.CAUSES_MAX),
            "the nearest are kept"));
  }
}
