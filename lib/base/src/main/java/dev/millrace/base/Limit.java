package dev.millrace.base;

import java.util.Locale;
import java.util.Optional;

/**
 * A bound on something that others decide: how much, how long, how many. Modules list theirs, and
 * {@code docs/limits.md} is made of the lists. Immutable.
 *
 * @param what what is bounded
 * @param scope of what or whom there may be so much
 * @param value at most how much, with its unit
 * @param option the option of programs that sets another; empty if none does
 * @param beyond what happens to what is more
 */
public record Limit(
    String what, Scope scope, String value, Optional<String> option, String beyond) {
  /** What has a limit of its own. */
  public enum Scope {
    /** All that one running program does. */
    PROCESS,
    /** One job, and its log. */
    JOB,
    /** Whoever has signed in, else an address. */
    USER,
    /** An address on the network. */
    ADDRESS,
    /** One request. */
    REQUEST,
    /** What one page shows. */
    PAGE,
    /** One log rule. */
    RULE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A limit that nobody can change. */
  public Limit(String what, Scope scope, String value, String beyond) {
    this(what, scope, value, Optional.empty(), beyond);
  }

  /** The same as the value that it has unless an option of programs sets another. */
  public Limit withOption(String name) {
    return new Limit(what, scope, value, Optional.of(name), beyond);
  }

  /** A number of bytes as people write it: {@code 64 KiB}. */
  public static String bytes(long count) {
    if (count >= 1 << 30 && count % (1 << 30) == 0) {
      return (count >> 30) + " GiB";
    }
    if (count >= 1 << 20 && count % (1 << 20) == 0) {
      return (count >> 20) + " MiB";
    }
    return count % 1024 == 0 ? (count >> 10) + " KiB" : count + " bytes";
  }
}
