package dev.millrace.sexp;

/**
 * A place in a text that was read.
 *
 * @param line from 1
 * @param column from 1, in bytes of UTF-8
 */
public record Location(int line, int column) implements Comparable<Location> {
  /** The place of what was never text. */
  public static final Location NONE = new Location(0, 0);

  @Override
  public int compareTo(Location other) {
    return line != other.line
        ? Integer.compare(line, other.line)
        : Integer.compare(column, other.column);
  }

  @Override
  public String toString() {
    return line + ":" + column;
  }
}
