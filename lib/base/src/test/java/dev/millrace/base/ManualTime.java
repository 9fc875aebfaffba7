package dev.millrace.base;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until the test moves it. Thread-safe. */
public final class ManualTime implements InstantSource {
  private Instant now;

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

  /** Moves the clock forward. */
  public synchronized void advance(Duration step) {
    now = now.plus(step);
  }
}
