package dev.millrace.opam;

/** A value that is not what its field must hold; ends as a {@link FormatError}. */
final class MisfitException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Position at;

  MisfitException(Position at, String problem) {
    super(problem, null, false, false);
    this.at = at;
  }

  Position at() {
    return at;
  }
}
