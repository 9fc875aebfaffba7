package dev.millrace.engine.web;

import dev.millrace.engine.core.LogMatch;
import dev.millrace.engine.core.LogRule;
import java.util.List;
import java.util.Optional;

/**
 * The page of log rules. Immutable.
 *
 * @param problems what is wrong with what was sent; nothing of it was stored then
 * @param trial what a test found, if there was one
 */
record RulesView(List<LogRule> rules, RuleForm form, List<String> problems, Optional<Trial> trial) {
  RulesView {
    rules = List.copyOf(rules);
    problems = List.copyOf(problems);
  }

  /**
   * What a test found.
   *
   * @param hits jobs whose logs match, at most {@link LogRulePages#HITS_SHOWN} of them
   * @param found how many there are in all
   * @param searched how many logs were looked at
   * @param complete whether there was time for all
   */
  record Trial(List<Hit> hits, int found, int searched, boolean complete) {
    Trial {
      hits = List.copyOf(hits);
    }

    String summary() {
      return "%s of %s%s%s"
          .formatted(
              found == 0 ? "None" : "%,d".formatted(found),
              searched == 1 ? "1 log" : "%,d logs".formatted(searched),
              found == 1 ? " matches" : " match",
              complete ? "" : "; there was no time for more");
    }
  }

  /** A job whose log matches. */
  record Hit(JobView job, LogMatch match) {
    /** To the line, where it is known. */
    String address() {
      return job.address() + match.line().map(line -> "#L" + line).orElse("");
    }
  }

  boolean isStored() {
    return rules.stream().anyMatch(rule -> rule.pattern().equals(form.pattern()));
  }

  static String editAddress(LogRule rule) {
    return "/log-rules?pattern=" + Parameters.encode(rule.pattern()) + "#rule";
  }
}
