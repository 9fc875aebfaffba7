package dev.millrace.sexp;

import java.util.List;

/**
 * An S-expression: an atom or a list. Two are equal if they say the same, wherever they were read.
 *
 * <p>Atoms are text. On paper they are bytes: {@code \195\169} and a plain {@code é} are the same
 * atom, and bytes that are not UTF-8 are refused.
 */
public sealed interface Sexp permits Sexp.Atom, Sexp.Group {
  /** The deepest nesting that is read. */
  int DEPTH_MAX = 1_000;

  /** Where it was read; {@link Location#NONE} if it was made. */
  Location location();

  /** A word. */
  record Atom(String text, Location location) implements Sexp {
    @Override
    public boolean equals(Object other) {
      return other instanceof Atom atom && atom.text.equals(text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }

    @Override
    public String toString() {
      return render();
    }
  }

  /** A list. */
  record Group(List<Sexp> items, Location location) implements Sexp {
    /** Copies. */
    public Group {
      items = List.copyOf(items);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Group group && group.items.equals(items);
    }

    @Override
    public int hashCode() {
      return items.hashCode();
    }

    @Override
    public String toString() {
      return render();
    }
  }

  /** An atom. */
  static Sexp atom(String text) {
    return new Atom(text, Location.NONE);
  }

  /** A list. */
  static Sexp list(Sexp... items) {
    return list(List.of(items));
  }

  /** A list. */
  static Sexp list(List<Sexp> items) {
    return new Group(items, Location.NONE);
  }

  /** A list of atoms. */
  static Sexp atoms(List<String> texts) {
    return list(texts.stream().map(Sexp::atom).toList());
  }

  /**
   * Reads the one S-expression of a text.
   *
   * @throws SexpException if there is none, more than one, or something else
   */
  static Sexp parse(String text) {
    return new SexpReader(text).readOne();
  }

  /**
   * Reads all S-expressions of a text.
   *
   * @throws SexpException if there is something else
   */
  static List<Sexp> parseAll(String text) {
    return new SexpReader(text).readAll();
  }

  /** The machine form: the shortest one, on one line. What identifiers are made of. */
  default String render() {
    return SexpPrinter.machine(this);
  }

  /**
   * The form for people: one space between items. The lines of an atom of several lines are written
   * below each other, for which the column where this is written must be known.
   *
   * @param column from 0
   */
  default String renderSpaced(int column) {
    return SexpPrinter.spaced(this, column);
  }

  /** A text in quotes, whether it needs them or not, as in {@code "say \"hi\""}. */
  static String quote(String text) {
    return SexpPrinter.quote(text);
  }
}
