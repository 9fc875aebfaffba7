package dev.millrace.engine.web;

import dev.millrace.engine.core.LogRule;
import java.util.ArrayList;
import java.util.List;

/**
 * Log rules as a table in text (RFC 4180), the exchange format of the originals: a head {@code
 * pattern,report,score}, then a line for each rule.
 */
final class RuleTable {
  static final List<String> HEAD = List.of("pattern", "report", "score");
  private static final int PROBLEMS_MAX = 50;

  private RuleTable() {}

  /**
   * What was read.
   *
   * @param problems what keeps it from being used, each with the line where it is; the rules are
   *     worth nothing then
   */
  record Read(List<LogRule> rules, List<String> problems) {
    Read {
      rules = List.copyOf(rules);
      problems = List.copyOf(problems);
    }
  }

  static String write(List<LogRule> rules) {
    StringBuilder text = new StringBuilder(String.join(",", HEAD)).append("\r\n");
    for (LogRule rule : rules) {
      text.append(quote(rule.pattern())).append(',').append(quote(rule.report()));
      text.append(',').append(rule.score()).append("\r\n");
    }
    return text.toString();
  }

  private static String quote(String field) {
    boolean plain = field.chars().noneMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
    return plain && field.equals(field.strip()) ? field : "\"" + field.replace("\"", "\"\"") + "\"";
  }

  static Read read(String text) {
    List<LogRule> rules = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    List<Row> rows = new Cutter(text, problems).rows();
    if (rows.isEmpty() || !rows.getFirst().fields.equals(HEAD)) {
      problems.addFirst("Line 1: the table must begin with the head \"pattern,report,score\".");
      return new Read(List.of(), problems);
    }
    for (Row row : rows.subList(1, rows.size())) {
      read(row, rules, problems);
    }
    return new Read(rules, problems.stream().limit(PROBLEMS_MAX).toList());
  }

  private static void read(Row row, List<LogRule> rules, List<String> problems) {
    String place = "Line " + row.line + ": ";
    if (row.fields.size() != HEAD.size()) {
      problems.add(place + "there must be 3 fields, but are " + row.fields.size() + ".");
      return;
    }
    RuleForm form =
        new RuleForm(row.fields.get(0), row.fields.get(1), row.fields.get(2).strip(), "");
    List<String> wrong = form.problems();
    wrong.forEach(problem -> problems.add(place + problem));
    if (wrong.isEmpty()) {
      rules.add(form.rule());
    }
  }

  /** One row and the line it begins in. */
  private record Row(int line, List<String> fields) {}

  /** Cuts a text into rows of fields. */
  private static final class Cutter {
    private final String text;
    private final List<String> problems;
    private int at;
    private int line = 1;

    private Cutter(String text, List<String> problems) {
      this.text = text.startsWith("\ufeff") ? text.substring(1) : text;
      this.problems = problems;
    }

    private List<Row> rows() {
      List<Row> rows = new ArrayList<>();
      while (at < text.length()) {
        int start = line;
        List<String> fields = new ArrayList<>();
        do {
          fields.add(field());
        } while (skip(','));
        boolean _ = skip('\r');
        boolean more = skip('\n');
        if (!more && at < text.length()) {
          problems.add("Line " + line + ": nothing may come after a closing quotation mark.");
          return rows;
        }
        if (!fields.equals(List.of(""))) {
          rows.add(new Row(start, fields));
        }
      }
      return rows;
    }

    private boolean skip(char wanted) {
      if (at < text.length() && text.charAt(at) == wanted) {
        at++;
        line += wanted == '\n' ? 1 : 0;
        return true;
      }
      return false;
    }

    private String field() {
      return skip('"') ? quoted() : plain();
    }

    private String plain() {
      int start = at;
      while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }

    private String quoted() {
      int start = line;
      StringBuilder field = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"' && !skip('"')) {
          return field.toString();
        }
        line += c == '\n' ? 1 : 0;
        field.append(c);
      }
      problems.add("Line " + start + ": the quotation mark that opens here is not closed.");
      return field.toString();
    }
  }
}
