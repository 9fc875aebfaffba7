package dev.millrace.opam;

import java.util.List;

/** The value of a variable. */
public sealed interface VariableValue {
  /** A truth value. */
  record Bool(boolean value) implements VariableValue {}

  /** A text. */
  record Text(String value) implements VariableValue {}

  /** A list of words, joined by blanks where one text is needed. */
  record Words(List<String> values) implements VariableValue {
    /** Copies the words. */
    public Words {
      values = List.copyOf(values);
    }
  }

  /** Returns the boolean. */
  static VariableValue of(boolean value) {
    return new Bool(value);
  }

  /** Returns the text. */
  static VariableValue of(String value) {
    return new Text(value);
  }
}
