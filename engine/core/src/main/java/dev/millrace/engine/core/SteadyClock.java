package dev.millrace.engine.core;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Time as what is to be done after a while needs it: it shows what the system's clock shows, but
 * when that is set back it goes on, and waits until that has come after. One thread at a time.
 *
 * <p>Where the clock is set forward it follows: the machine may have slept meanwhile.
 */
final class SteadyClock {
  /** Two clocks cannot be read at the same moment: what differs by less is the same. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private final InstantSource clock;
  private final LongSupplier ticker;
  private long ticks;
  private Instant shown;
  private long leaps;

  /**
   * A clock.
   *
   * @param ticker nanoseconds, from wherever, which only go forward and at the pace of time
   */
  SteadyClock(InstantSource clock, LongSupplier ticker) {
    this.clock = clock;
    this.ticker = ticker;
    this.ticks = ticker.getAsLong();
    this.shown = clock.instant();
  }

  /** What time it is. */
  Instant now() {
    long nowTicks = ticker.getAsLong();
    Instant set = clock.instant();
    Instant expected = shown.plusNanos(nowTicks - ticks);
    Duration behind = Duration.between(set, expected);
    if (behind.negated().compareTo(TOLERANCE) > 0) {
      leaps++;
    }
    ticks = nowTicks;
    shown = behind.compareTo(TOLERANCE) > 0 ? expected : set;
    return shown;
  }

  /** How often it has been seen to go forward faster than time does. */
  long leaps() {
    return leaps;
  }
}
