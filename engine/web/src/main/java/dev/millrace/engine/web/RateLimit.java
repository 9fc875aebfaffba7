package dev.millrace.engine.web;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many requests each visitor may send: so many a second in the long run, and some more at once.
 * Thread-safe. It remembers a bounded number of visitors; whoever was forgotten begins anew.
 */
final class RateLimit {
  /** How many requests a second one visitor may send in the long run. */
  static final int PER_SECOND = 100;

  /** How many requests one visitor may send at once. */
  static final int BURST = 1_000;

  private static final int VISITORS_KEPT = 10_000;

  private final LongSupplier ticker;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(1024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > VISITORS_KEPT;
        }
      };

  /** What one visitor has left; guarded by the map. */
  private static final class Bucket {
    private double left = BURST;
    private long at;

    private Bucket(long now) {
      this.at = now;
    }

    private boolean take(long now) {
      double seconds = (now - at) / (double) TimeUnit.SECONDS.toNanos(1);
      left = Math.min(BURST, left + seconds * PER_SECOND);
      at = now;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }
  }

  RateLimit(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /** Takes one request; says whether there was one left. */
  boolean tryTake(String visitor) {
    long now = ticker.getAsLong();
    synchronized (buckets) {
      return buckets.computeIfAbsent(visitor, _ -> new Bucket(now)).take(now);
    }
  }
}
