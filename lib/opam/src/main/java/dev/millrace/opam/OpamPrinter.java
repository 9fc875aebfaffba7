package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Prints opam's syntax. What is printed parses to the items it was printed from.
 *
 * <p>{@link #print} is for people: a list that does not fit on the line has one item per line.
 * {@link #normalise} is for hashing and comparing: a line per field, sorted, empty lists left out.
 * {@link #preserve} is for changing a file that somebody wrote.
 */
public final class OpamPrinter {
  private static final int WIDTH = 78;

  private OpamPrinter() {}

  /** Returns the text of a file with these items, in this order. */
  public static String print(List<Item> items) {
    var out = new StringBuilder();
    items.forEach(item -> print(item, 0, out));
    return out.toString();
  }

  private static void print(Item item, int indent, StringBuilder out) {
    out.repeat(' ', indent);
    switch (item) {
      case Item.Field(var name, var value, _) -> {
        out.append(name).append(':');
        String flat = " " + print(value);
        boolean bracketed = value instanceof Value.ListOf || value instanceof Value.Group;
        if (fits(flat, indent + name.length() + 1) || bracketed) {
          out.append(' ');
          print(value, indent, indent + name.length() + 2, out);
        } else {
          newLine(indent + 2, out);
          print(value, indent + 2, indent + 2, out);
        }
        out.append('\n');
      }
      case Item.Section section -> {
        out.append(section.kind());
        section.title().ifPresent(title -> out.append(' ').append(quoted(title)));
        out.append(" {\n");
        section.items().forEach(inner -> print(inner, indent + 2, out));
        out.repeat(' ', indent).append("}\n");
      }
    }
  }

  private static void print(Value value, int indent, int column, StringBuilder out) {
    String flat = print(value);
    if (fits(flat, column)) {
      out.append(flat);
      return;
    }
    switch (value) {
      case Value.ListOf(var items, _) -> printAll("[", items, "]", indent, out);
      case Value.Group(var items, _) -> printAll("(", items, ")", indent, out);
      case Value.Option(var inner, var options, _) -> {
        print(inner, indent, column, out);
        newLine(indent + 2, out);
        printAll("{", options, "}", indent + 2, out);
      }
      case Value.LogopOf(var op, var left, var right, _) -> {
        printOperand(op, left, false, indent, column, out);
        out.append(' ').append(op);
        newLine(indent, out);
        printOperand(op, right, true, indent, indent, out);
      }
      case Value.Str(var text, _) when text.indexOf('\n') >= 0 -> out.append(tripleQuoted(text));
      default -> out.append(flat);
    }
  }

  private static void printAll(
      String open, List<Value> items, String close, int indent, StringBuilder out) {
    out.append(open);
    for (Value item : items) {
      newLine(indent + 2, out);
      print(item, indent + 2, indent + 2, out);
    }
    newLine(indent, out);
    out.append(close);
  }

  private static void printOperand(
      Value.Logop op, Value operand, boolean right, int indent, int column, StringBuilder out) {
    boolean parenthesised = needsGroup(op, operand, right);
    if (parenthesised) {
      out.append(print(new Value.Group(List.of(operand), operand.at())));
    } else {
      print(operand, indent, column, out);
    }
  }

  private static void newLine(int indent, StringBuilder out) {
    out.append('\n').repeat(' ', indent);
  }

  private static boolean fits(String flat, int column) {
    return flat.indexOf('\n') < 0 && column + flat.length() <= WIDTH;
  }

  /** Returns the text of a value; lines break only inside of strings. */
  public static String print(Value value) {
    return flat(value, true);
  }

  private static String flat(Value value, boolean triple) {
    return switch (value) {
      case Value.Bool(var bool, _) -> Boolean.toString(bool);
      case Value.Int(var number, _) -> Long.toString(number);
      case Value.Str(var text, _) ->
          triple && text.indexOf('\n') >= 0 ? tripleQuoted(text) : oneLine(text);
      case Value.Ident(var name, _) -> name;
      case Value.RelopOf(var op, var left, var right, _) ->
          flat(left, triple) + " " + op + " " + flat(right, triple);
      case Value.PrefixRelop(var op, var operand, _) -> op + " " + flat(operand, triple);
      case Value.LogopOf(var op, var left, var right, _) ->
          operand(op, left, false, triple) + " " + op + " " + operand(op, right, true, triple);
      case Value.Not(var inner, _) -> "!" + tight(inner, triple);
      case Value.Defined(var inner, _) -> "?" + tight(inner, triple);
      case Value.ListOf(var items, _) -> "[" + flat(items, triple) + "]";
      case Value.Group(var items, _) -> "(" + flat(items, triple) + ")";
      case Value.Option(var inner, var options, _) ->
          flat(inner, triple) + " {" + flat(options, triple) + "}";
      case Value.EnvOp(var op, var left, var right, _) ->
          flat(left, triple) + " " + op + " " + flat(right, triple);
    };
  }

  private static String flat(List<Value> values, boolean triple) {
    return values.stream().map(value -> flat(value, triple)).collect(Collectors.joining(" "));
  }

  private static String operand(Value.Logop op, Value operand, boolean right, boolean triple) {
    String text = flat(operand, triple);
    return needsGroup(op, operand, right) ? "(" + text + ")" : text;
  }

  /** Says whether trees made by code need parentheses here; parsed ones have them already. */
  private static boolean needsGroup(Value.Logop op, Value operand, boolean right) {
    return operand instanceof Value.LogopOf inner
        && (inner.op() == op ? right : op == Value.Logop.AND);
  }

  private static String tight(Value value, boolean triple) {
    String text = flat(value, triple);
    if (value instanceof Value.LogopOf) {
      return "(" + text + ")";
    }
    // With an exclamation mark before it, it would be read as !=.
    return text.startsWith("=") ? " " + text : text;
  }

  /** Returns the text as a quoted string, with its line breaks as they are. */
  static String quoted(String text) {
    String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\r", "\\r");
    return '"' + escaped + '"';
  }

  private static String oneLine(String text) {
    return quoted(text).replace("\n", "\\n");
  }

  private static String tripleQuoted(String text) {
    var out = new StringBuilder("\"\"\"");
    if (!text.startsWith("\n")) {
      out.append("\\\n");
      // A backslash at the end of a line also swallows the blanks that follow.
      out.append(text.startsWith(" ") || text.startsWith("\t") ? "\\" + blank(text) : "");
    }
    int from = !text.startsWith("\n") && blankFirst(text) ? 1 : 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean escaped =
          c == '\\' || (c == '"' && (i == text.length() - 1 || text.startsWith("\"\"\"", i)));
      // A bare carriage return would vanish before a line feed.
      out.append(escaped ? "\\" + c : c == '\r' ? "\\r" : String.valueOf(c));
    }
    return out.append("\"\"\"").toString();
  }

  private static boolean blankFirst(String text) {
    return text.startsWith(" ") || text.startsWith("\t");
  }

  private static String blank(String text) {
    return text.startsWith(" ") ? " " : "t";
  }

  /**
   * Returns the text of a file in which these items stand for those that it has. Of what stays as
   * it is the order, the comments and the layout are kept; what is new follows at the end.
   *
   * @throws OpamParseException if the file is not in opam's syntax
   */
  public static String preserve(byte[] file, List<Item> items) {
    List<Item> left = new ArrayList<>(items);
    var out = new StringBuilder();
    int at = 0;
    for (Item old : OpamSyntax.parse(file, "the file to change")) {
      out.append(OpamText.decode(file, at, old.at().start()));
      at = old.at().end();
      Optional<Item> item = left.stream().filter(one -> isNamedAs(one, old)).findFirst();
      if (item.isEmpty()) {
        at = afterLineOf(file, at);
      } else if (item.get().equals(old)) {
        out.append(OpamText.decode(file, old.at().start(), at));
      } else {
        out.append(print(List.of(item.get())).stripTrailing());
        // What follows at once would be read as part of it.
        out.append(at < file.length && !isBlank(file[at]) ? "\n" : "");
      }
      item.ifPresent(left::remove);
    }
    out.append(OpamText.decode(file, at, file.length));
    boolean open = !left.isEmpty() && !out.isEmpty() && out.charAt(out.length() - 1) != '\n';
    return out.append(open ? "\n" : "").append(print(left)).toString();
  }

  private static boolean isNamedAs(Item one, Item other) {
    return switch (one) {
      case Item.Field(var name, _, _) ->
          other instanceof Item.Field field && field.name().equals(name);
      case Item.Section(var kind, var title, _, _) ->
          other instanceof Item.Section section
              && section.kind().equals(kind)
              && section.title().equals(title);
    };
  }

  /** Where the next line begins, if nothing else is on this one. */
  private static int afterLineOf(byte[] file, int at) {
    int i = at;
    while (i < file.length && file[i] != '\n' && isBlank(file[i])) {
      i++;
    }
    return i < file.length && file[i] == '\n' ? i + 1 : at;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  /** Returns the items in the form for comparing and hashing. */
  public static String normalise(List<Item> items) {
    return normalised(items).collect(Collectors.joining());
  }

  private static java.util.stream.Stream<String> normalised(List<Item> items) {
    return items.stream().map(OpamPrinter::normalise).filter(line -> !line.isEmpty()).sorted();
  }

  private static String normalise(Item item) {
    return switch (item) {
      case Item.Field(var name, var value, _) ->
          value instanceof Value.ListOf list && list.items().isEmpty()
              ? ""
              : name + ": " + flat(value, false) + "\n";
      case Item.Section section ->
          section.kind()
              + section.title().map(title -> " " + oneLine(title)).orElse("")
              + " {\n"
              + normalised(section.items()).collect(Collectors.joining())
              + "}\n";
    };
  }
}
