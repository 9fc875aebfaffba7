package dev.millrace.base;

import java.util.Optional;

/**
 * A bound on something that others decide: how much, how long, how many. Modules list theirs, and
 * {@code docs/limits.md} is made of the lists. Immutable.
 *
 * @param what what is bounded, of what or whom
 * @param value at most how much, with its unit
 * @param option the option of programs that sets another; empty if none does
 * @param beyond what happens to what is more
 */
public record Limit(String what, String value, Optional<String> option, String beyond) {
  /** A limit that nobody can change. */
  public Limit(String what, String value, String beyond) {
    this(what, value, Optional.empty(), beyond);
  }

  /** The same as the value that it has unless an option of programs sets another. */
  public Limit withOption(String name) {
    return new Limit(what, value, Optional.of(name), beyond);
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
