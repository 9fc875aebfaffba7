package dev.millrace.engine.core;

import java.util.List;
import java.util.Optional;

/**
 * Where a {@link LogRule} matches a log.
 *
 * @param text what matches, as a reader sees it; shortened if it is long
 * @param groups what its groups match, in their order; empty texts for those that do not
 * @param report what the rule says then, groups filled in
 * @param line the number of the line in which it begins, from 1; empty in the later part of a log
 *     that is too long to be looked at as a whole
 */
public record LogMatch(String text, List<String> groups, String report, Optional<Long> line) {
  /** Copies. */
  public LogMatch {
    groups = List.copyOf(groups);
  }
}
