package dev.millrace.sexp;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes S-expressions. One thread at a time. */
final class SexpPrinter {
  /** Continued lines are indented no further than this: OCaml's {@code Format} with 80 columns. */
  private static final int INDENT_MAX = 68;

  private final StringBuilder out = new StringBuilder();
  private int lineStart;

  /** A printer that writes from this column. */
  private SexpPrinter(int column) {
    this.lineStart = -column;
  }

  static String machine(Sexp sexp) {
    SexpPrinter printer = new SexpPrinter(0);
    printer.writeMachine(sexp, false);
    return printer.out.toString();
  }

  static String spaced(Sexp sexp, int column) {
    SexpPrinter printer = new SexpPrinter(column);
    printer.writeSpaced(sexp);
    return printer.out.toString();
  }

  /** Writes one expression and returns whether it ended in an unquoted atom. */
  private boolean writeMachine(Sexp sexp, boolean afterBareAtom) {
    return switch (sexp) {
      case Sexp.Atom(String text, _) when needsQuotes(text) -> {
        out.append(quote(text));
        yield false;
      }
      case Sexp.Atom(String text, _) -> {
        out.append(afterBareAtom ? " " : "").append(text);
        yield true;
      }
      case Sexp.Group(List<Sexp> items, _) -> {
        out.append('(');
        boolean bare = false;
        for (Sexp item : items) {
          bare = writeMachine(item, bare);
        }
        out.append(')');
        yield false;
      }
    };
  }

  private void writeSpaced(Sexp sexp) {
    switch (sexp) {
      case Sexp.Atom(String text, _) -> writeAtom(text);
      case Sexp.Group(List<Sexp> items, _) -> {
        out.append('(');
        String separator = "";
        for (Sexp item : items) {
          out.append(separator);
          writeSpaced(item);
          separator = " ";
        }
        out.append(')');
      }
    }
  }

  private void writeAtom(String text) {
    int newline = text.indexOf('\n');
    if (!needsQuotes(text)) {
      out.append(text);
    } else if (newline < 0 || newline == text.length() - 1) {
      out.append(quote(text));
    } else {
      writeLines(text);
    }
  }

  /** Several lines: each but the last is continued, and the quote is moved in to line them up. */
  private void writeLines(String text) {
    int indent = Math.min(INDENT_MAX, out.length() - lineStart);
    out.append(" \"");
    String separator = "";
    for (String line : text.split("\n", -1)) {
      if (!separator.isEmpty()) {
        out.append("\\\n");
        lineStart = out.length();
        out.append(" ".repeat(indent)).append(separator);
      }
      escape(line, out);
      separator = "\\n";
    }
    out.append('"');
  }

  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    escape(text, quoted);
    return quoted.append('"').toString();
  }

  private static void escape(String text, StringBuilder out) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      int value = b & 0xff;
      switch (value) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        case '\b' -> out.append("\\b");
        default -> {
          if (value >= 0x20 && value < 0x7f) {
            out.append((char) value);
          } else {
            out.append("\\%03d".formatted(value));
          }
        }
      }
    }
  }

  private static boolean needsQuotes(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"' || c == '(' || c == ')' || c == ';' || c == '\\') {
        return true;
      }
    }
    return text.isEmpty() || text.contains("#|") || text.contains("|#");
  }
}
