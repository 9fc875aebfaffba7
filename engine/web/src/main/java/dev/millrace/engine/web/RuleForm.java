package dev.millrace.engine.web;

import dev.millrace.engine.core.LogRule;
import java.util.ArrayList;
import java.util.List;

/**
 * What somebody wrote into the form of a log rule. Immutable.
 *
 * @param job the only job to test it on; blank for all
 */
record RuleForm(String pattern, String report, String score, String job) {
  static final RuleForm EMPTY = new RuleForm("", "", "", "");

  static RuleForm of(Parameters form) {
    return new RuleForm(
        form.first("pattern").orElse(""),
        form.first("report").orElse(""),
        form.first("score").orElse("").strip(),
        form.first("job").orElse("").strip());
  }

  static RuleForm of(LogRule rule) {
    return new RuleForm(rule.pattern(), rule.report(), Integer.toString(rule.score()), "");
  }

  RuleForm withJob(String id) {
    return new RuleForm(pattern, report, score, id);
  }

  /** Everything that keeps it from being a rule. */
  List<String> problems() {
    List<String> problems = new ArrayList<>(LogRule.problems(pattern, report));
    if (!score.matches("[+-]?\\d{1,9}")) {
      problems.add(
          "The score must be a whole number of at most 9 digits, but is \"%s\"."
              .formatted(LabelText.shorten(score, 40)));
    }
    return problems;
  }

  /** The rule, if there are no problems. */
  LogRule rule() {
    return new LogRule(pattern, report, Integer.parseInt(score));
  }

  /** The same for a test, to which neither report nor score matter if they are not there yet. */
  RuleForm forTest() {
    return new RuleForm(
        pattern, report.isEmpty() ? "\\0" : report, score.isEmpty() ? "0" : score, job);
  }
}
