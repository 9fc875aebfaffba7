package dev.millrace.app;

import java.util.List;
import java.util.stream.Stream;

/**
 * What {@link Doctor} found out about this machine.
 *
 * @param machine hardware, kernel and rights
 * @param programs installed programs
 * @param protections what stands between a build and this machine
 * @param canBuild whether builds can run here at all
 * @param verdict in one sentence, how builds run here, or what to do first
 */
record Diagnosis(
    List<Finding> machine,
    List<Finding> programs,
    List<Finding> protections,
    boolean canBuild,
    String verdict) {

  Diagnosis {
    machine = List.copyOf(machine);
    programs = List.copyOf(programs);
    protections = List.copyOf(protections);
  }

  /** What can be done to make this machine do more, each once, in order. */
  List<String> advice() {
    return Stream.of(machine, programs, protections)
        .flatMap(List::stream)
        .map(Finding::advice)
        .filter(advice -> !advice.isEmpty())
        .distinct()
        .toList();
  }

  /**
   * One thing that was looked at.
   *
   * @param name what it is, lower-case, stable: scripts read it
   * @param state how it is
   * @param value what was found, for people
   * @param advice what to do about it; empty if nothing
   */
  record Finding(String name, State state, String value, String advice) {
    static Finding ok(String name, String value) {
      return new Finding(name, State.OK, value, "");
    }

    static Finding limited(String name, String value, String advice) {
      return new Finding(name, State.LIMITED, value, advice);
    }

    static Finding missing(String name, String value, String advice) {
      return new Finding(name, State.MISSING, value, advice);
    }
  }

  /** How a thing is. */
  enum State {
    /** As it should be. */
    OK,
    /** There, but with a restriction that the value states. */
    LIMITED,
    /** Not there, or of no use. */
    MISSING
  }
}
