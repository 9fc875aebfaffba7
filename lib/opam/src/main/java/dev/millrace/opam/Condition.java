package dev.millrace.opam;

/** An atom of the braces after a package name in a dependency. */
public sealed interface Condition {
  /** The dependency counts only where the filter holds. */
  record When(Filter filter) implements Condition {
    @Override
    public String toString() {
      return filter.toString();
    }
  }

  /** The version must compare so with a value, a literal or a variable. */
  record Version(Relop op, Filter value) implements Condition {
    @Override
    public String toString() {
      return op + " " + value;
    }
  }
}
