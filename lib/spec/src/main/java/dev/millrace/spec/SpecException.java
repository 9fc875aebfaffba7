package dev.millrace.spec;

import dev.millrace.sexp.Location;
import java.util.List;
import java.util.stream.Collectors;

/** A text is not a build spec: everything that is wrong with it, in the order of the text. */
public final class SpecException extends RuntimeException {
  private final List<Problem> problems;

  /** One thing that is wrong, and where. */
  public record Problem(Location location, String message) {
    @Override
    public String toString() {
      return location.equals(Location.NONE) ? message : location + ": " + message;
    }
  }

  SpecException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** At least one. */
  public List<Problem> problems() {
    return problems;
  }
}
