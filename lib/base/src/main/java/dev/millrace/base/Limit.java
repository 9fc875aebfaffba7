package dev.millrace.base;

/**
 * A bound on something that others decide: how much, how long, how many. Modules list theirs, and
 * {@code docs/limits.md} is made of the lists. Immutable.
 *
 * @param what what is bounded
 * @param value at most how much, with its unit
 * @param beyond what happens to what is more
 */
public record Limit(String what, String value, String beyond) {
  /** A number of bytes as people write it: {@code 64 KiB}. */
  public static String bytes(long count) {
    if (count >= 1 << 20 && count % (1 << 20) == 0) {
      return (count >> 20) + " MiB";
    }
    return count % 1024 == 0 ? (count >> 10) + " KiB" : count + " bytes";
  }
}
