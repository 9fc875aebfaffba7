package dev.millrace.sexp;

/** A text is not an S-expression. */
public final class SexpException extends RuntimeException {
  private final Location location;
  private final String problem;

  SexpException(Location location, String problem) {
    super(location + ": " + problem);
    this.location = location;
    this.problem = problem;
  }

  /** Where. */
  public Location location() {
    return location;
  }

  /** What is wrong, without the place. */
  public String problem() {
    return problem;
  }
}
