package dev.millrace.solver.internal;

import java.util.function.LongSupplier;

/** How long somebody waits for a search, which asks often. One thread at a time. */
public final class Patience {
  private final LongSupplier ticker;
  private final long start;
  private final long limit;

  /**
   * From now on.
   *
   * @param ticker the time in nanoseconds, from any beginning
   * @param limit how many of them
   */
  public Patience(LongSupplier ticker, long limit) {
    this.ticker = ticker;
    this.start = ticker.getAsLong();
    this.limit = limit;
  }

  /** Until the thread is interrupted. */
  public static Patience endless() {
    return new Patience(() -> 0, Long.MAX_VALUE);
  }

  /**
   * Ends the search by an exception if nobody waits for it any more.
   *
   * @throws TimeUpException if the time is up
   * @throws InterruptedException if the thread was interrupted
   */
  public void check() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("The search for package versions was cancelled");
    }
    if (ticker.getAsLong() - start > limit) {
      throw new TimeUpException();
    }
  }

  /** The time is up. */
  public static final class TimeUpException extends RuntimeException {
    TimeUpException() {
      super("The time for the search is up", null, false, false);
    }
  }
}
