package dev.millrace.base;

import java.util.Random;

/**
 * Runs a property on many random inputs, each made from a seed and a size that a failure prints and
 * {@code -Dmillrace.seed=N -Dmillrace.size=N} replays. {@code -Dmillrace.cases=N} runs N times as
 * many cases.
 *
 * <p>Each case gets a size that grows from 1 to the given maximum; when a case fails, smaller sizes
 * of the same seed are tried so that the reported case is small.
 */
public final class RandomTest {
  private RandomTest() {}

  /**
   * What must hold for an input made from {@code random} of about this size; it fails by throwing.
   */
  @FunctionalInterface
  public interface Property {
    /** Checks one case. */
    void check(Random random, int size) throws Exception;
  }

  /** Checks {@code cases} random cases of sizes up to {@code sizeMax}. */
  public static void check(int cases, int sizeMax, Property property) {
    Long replay = Long.getLong("millrace.seed");
    long first = replay != null ? replay : System.nanoTime();
    int count = replay != null ? 1 : cases * Integer.getInteger("millrace.cases", 1);
    for (int i = 0; i < count; i++) {
      long seed = first + i;
      int size =
          replay != null
              ? Integer.getInteger("millrace.size", sizeMax)
              : 1 + (int) ((long) sizeMax * i / count);
      Throwable failure = run(property, seed, size);
      if (failure != null) {
        report(property, seed, size, failure);
      }
    }
  }

  private static void report(Property property, long seed, int size, Throwable failure) {
    int smallest = size;
    Throwable simplest = failure;
    for (int smaller = 1; smaller < size; smaller++) {
      Throwable other = run(property, seed, smaller);
      if (other != null) {
        smallest = smaller;
        simplest = other;
        break;
      }
    }
    throw new AssertionError(
        "Failed (replay: -Dmillrace.seed=%d -Dmillrace.size=%d): %s"
            .formatted(seed, smallest, simplest),
        simplest);
  }

  private static @org.jspecify.annotations.Nullable Throwable run(
      Property property, long seed, int size) {
    try {
      property.check(new Random(seed), size);
      return null;
    } catch (Exception | AssertionError | StackOverflowError e) {
      return e;
    }
  }
}
