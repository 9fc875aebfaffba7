package dev.millrace.base;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.IntFunction;

/**
 * How much longer work takes on twice the input (the last figure of F1): twice as long if it is
 * linear, four times if it is quadratic.
 *
 * <p>Time is that of the processor spent by this thread, so that other programs count little; of
 * several runs the quickest counts.
 */
public final class Growth {
  /** More than this is not linear, with room for what caches and the measurement do. */
  public static final double RATIO_MAX = 2.5;

  private static final int RUNS = 5;
  private static final int ATTEMPTS = 5;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private Growth() {}

  /**
   * The ratio of two sizes' times, {@code size} and twice that; the least of a few attempts if it
   * is above {@link #RATIO_MAX}.
   *
   * @param input makes the work on an input of a size, which is done again and again
   */
  public static double whenDoubled(int size, IntFunction<Runnable> input) {
    Runnable once = input.apply(size);
    Runnable twice = input.apply(2 * size);
    // Compiled code is not to be compared with interpreted.
    quickest(once);
    quickest(twice);
    double least = Double.MAX_VALUE;
    for (int i = 0; i < ATTEMPTS && least > RATIO_MAX; i++) {
      double before = quickest(once);
      least = Math.min(least, quickest(twice) / before);
    }
    return least;
  }

  private static double quickest(Runnable work) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < RUNS; i++) {
      long begin = THREADS.getCurrentThreadCpuTime();
      work.run();
      least = Math.min(least, THREADS.getCurrentThreadCpuTime() - begin);
    }
    return least;
  }
}
