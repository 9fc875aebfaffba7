package dev.millrace.solver;

import dev.millrace.opam.PackageName;
import java.util.List;

/** Something for which at most one implementation is chosen. */
sealed interface Role {
  /** A package: its implementations are its versions. */
  record Real(PackageName name) implements Role {
    @Override
    public String toString() {
      return name.toString();
    }
  }

  /**
   * A disjunction at one place of one formula, or the request as a whole: its implementations are
   * the alternatives, in the order written. Equal only to itself.
   */
  final class Virtual implements Role {
    private final List<Implementation.Alternative> alternatives;

    Virtual(List<Implementation.Alternative> alternatives) {
      this.alternatives = List.copyOf(alternatives);
    }

    List<Implementation.Alternative> alternatives() {
      return alternatives;
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (Implementation.Alternative alternative : alternatives) {
        text.append(text.isEmpty() ? "" : "|").append(alternative);
      }
      return text.toString();
    }
  }
}
