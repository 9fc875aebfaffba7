package dev.millrace.opam;

/** A file that is not in opam's format; the message starts with {@code file:line:column}. */
public final class OpamParseException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String fileName;
  private final int line;
  private final int column;

  OpamParseException(String fileName, int line, int column, String problem) {
    super("%s:%d:%d: %s".formatted(fileName, line, column, problem));
    this.fileName = fileName;
    this.line = line;
    this.column = column;
  }

  /** Returns the name under which the file was parsed. */
  public String fileName() {
    return fileName;
  }

  /** Returns the line of the problem, from 1. */
  public int line() {
    return line;
  }

  /** Returns the column of the problem, from 1, counted in bytes. */
  public int column() {
    return column;
  }
}
