package dev.millrace.engine.core;

/** What a pool reports. */
@FunctionalInterface
interface PoolMetrics {
  /** A job got a place after this many nanoseconds. */
  void waited(long nanoseconds);
}
