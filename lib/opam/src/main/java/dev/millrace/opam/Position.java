package dev.millrace.opam;

import org.jspecify.annotations.Nullable;

/**
 * Where a syntax node stands in its file. Immutable.
 *
 * <p>All positions are equal to each other: syntax trees compare by content, wherever they were
 * read from.
 */
public final class Position {
  /** The position of a node that was made by code. */
  public static final Position NONE = new Position(1, 1, 0, 0);

  private final int line;
  private final int column;
  private final int start;
  private final int end;

  Position(int line, int column, int start, int end) {
    this.line = line;
    this.column = column;
    this.start = start;
    this.end = end;
  }

  /** Returns the line of the first byte, from 1. */
  public int line() {
    return line;
  }

  /** Returns the column of the first byte, from 1, counted in bytes. */
  public int column() {
    return column;
  }

  /** Returns the offset of the first byte, from 0. */
  public int start() {
    return start;
  }

  /** Returns the offset after the last byte. */
  public int end() {
    return end;
  }

  /** Returns the position that starts here and ends with {@code last}. */
  Position to(Position last) {
    return new Position(line, column, start, last.end);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Position;
  }

  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return line + ":" + column;
  }
}
