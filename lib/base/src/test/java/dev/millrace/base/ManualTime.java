package dev.millrace.base;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock, and a ticker beside it, that stand still until the test moves them. Thread-safe. */
public final class ManualTime implements InstantSource {
  private Instant now;
  private long ticks;

  /** A clock that shows {@code start}. */
  public ManualTime(Instant start) {
    this.now = start;
  }

  /** A clock that shows noon of 1 January 2026, UTC. */
  public static ManualTime atNoon() {
    return new ManualTime(Instant.parse("2026-01-01T12:00:00Z"));
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  /** Nanoseconds that have passed, whatever the clock was set to. */
  public synchronized long ticks() {
    return ticks;
  }

  /** Lets time pass. */
  public synchronized void advance(Duration step) {
    now = now.plus(step);
    ticks += step.toNanos();
  }

  /** Sets the clock forward or back; no time passes. */
  public synchronized void set(Duration step) {
    now = now.plus(step);
  }
}
