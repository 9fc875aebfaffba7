package dev.millrace.opam;

import java.util.List;

/**
 * A value of opam's syntax, as written: what it means depends on the field. Values compare by
 * content; positions do not count.
 */
public sealed interface Value {
  /** Returns where the value stands. */
  Position at();

  /** {@code true} or {@code false}. */
  record Bool(boolean value, Position at) implements Value {}

  /** A decimal number. */
  record Int(long value, Position at) implements Value {}

  /** A quoted string, its escapes resolved. */
  record Str(String value, Position at) implements Value {}

  /** A bare word, perhaps with a package part: {@code os}, {@code ocaml:native}. */
  record Ident(String name, Position at) implements Value {}

  /** {@code left op right}, of two atoms. */
  record RelopOf(Relop op, Value left, Value right, Position at) implements Value {}

  /** {@code op value}: a comparison whose left side is understood. */
  record PrefixRelop(Relop op, Value value, Position at) implements Value {}

  /** {@code left & right} or {@code left | right}. */
  record LogopOf(Logop op, Value left, Value right, Position at) implements Value {}

  /** {@code !value}. */
  record Not(Value value, Position at) implements Value {}

  /** {@code ?value}. */
  record Defined(Value value, Position at) implements Value {}

  /** {@code [ items ]}. */
  record ListOf(List<Value> items, Position at) implements Value {
    /** Copies the items. */
    public ListOf {
      items = List.copyOf(items);
    }
  }

  /** {@code ( items )}. */
  record Group(List<Value> items, Position at) implements Value {
    /** Copies the items. */
    public Group {
      items = List.copyOf(items);
    }
  }

  /** {@code value { options }}. */
  record Option(Value value, List<Value> options, Position at) implements Value {
    /** Copies the options. */
    public Option {
      options = List.copyOf(options);
    }
  }

  /** {@code variable op value}, an update of an environment variable; op is as written. */
  record EnvOp(String op, Value left, Value right, Position at) implements Value {}

  /** The two logical operators. */
  enum Logop {
    /** {@code &}, which binds tighter. */
    AND("&"),
    /** {@code |}. */
    OR("|");

    private final String symbol;

    Logop(String symbol) {
      this.symbol = symbol;
    }

    @Override
    public String toString() {
      return symbol;
    }
  }
}
