package dev.millrace.engine.core;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** The level at and above which jobs wait, and the jobs that wait. Thread-safe. */
final class Approvals {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<Level> threshold;
  private boolean touched;

  Approvals(Optional<Level> threshold) {
    this.threshold = threshold;
  }

  Optional<Level> threshold() {
    lock.lock();
    try {
      return threshold;
    } finally {
      lock.unlock();
    }
  }

  void setThreshold(Optional<Level> level) {
    lock.lock();
    try {
      threshold = level;
      touched = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Removes the threshold unless somebody has set it since the start. */
  void release() {
    lock.lock();
    try {
      if (!touched) {
        threshold = Optional.empty();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean allows(Level level) {
    return threshold().map(limit -> level.compareTo(limit) < 0).orElse(true);
  }

  /** Has waiters look again whether they were approved. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the level is allowed, or {@code approved} says so. */
  void await(Level level, BooleanSupplier approved) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!approved.getAsBoolean()
          && threshold.map(limit -> level.compareTo(limit) >= 0).orElse(false)) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
