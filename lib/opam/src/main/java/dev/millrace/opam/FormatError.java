package dev.millrace.opam;

/**
 * Something in a file that is in opam's syntax but not as a field must be: the field is skipped,
 * the rest of the file is used.
 */
public record FormatError(String fileName, int line, int column, String problem) {
  @Override
  public String toString() {
    return "%s:%d:%d: %s".formatted(fileName, line, column, problem);
  }
}
