package dev.millrace.solver;

/** The repository has a file that cannot be understood; the message names the package. */
public final class SolverException extends RuntimeException {
  SolverException(String message, Throwable cause) {
    super(message, cause);
  }
}
