package dev.millrace.services.solver;

import org.jspecify.annotations.Nullable;

/** A request that cannot be answered: the message says why and is the answer. */
public final class SolverServiceException extends RuntimeException {
  SolverServiceException(String message) {
    super(message);
  }

  SolverServiceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
