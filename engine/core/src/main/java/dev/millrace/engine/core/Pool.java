package dev.millrace.engine.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A number of places that jobs take while they work, so that not too many do at once. First come,
 * first served, within two priorities. Thread-safe.
 */
public final class Pool {
  private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

  private final String label;
  private final int capacity;
  private final Optional<Source> source;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiter> urgent = new ArrayDeque<>();
  private final Deque<Waiter> others = new ArrayDeque<>();
  private int used;

  /** Who is served first. */
  public enum Priority {
    /** A first result. */
    HIGH,
    /** A refresh of a result that is still shown. */
    LOW
  }

  private static final class Waiter {
    private final Condition granted;
    private boolean served;

    Waiter(Condition granted) {
      this.granted = granted;
    }
  }

  private Pool(String label, int capacity, Optional<Source> source) {
    this.label = label;
    this.capacity = capacity;
    this.source = source;
  }

  /** A pool of {@code capacity} places. */
  public static Pool of(String label, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "The capacity of pool \"%s\" must be at least 1, was %d".formatted(label, capacity));
    }
    return new Pool(label, capacity, Optional.empty());
  }

  /** A pool whose places come from elsewhere, such as the machines of a cluster. */
  public static Pool of(String label, Source source) {
    return new Pool(label, 0, Optional.of(source));
  }

  /** Where the places of a pool come from. Thread-safe. */
  @FunctionalInterface
  public interface Source {
    /**
     * Takes a place, waiting for it as long as it takes; closing it gives it back.
     *
     * @throws InterruptedException if the job was cancelled; nothing is taken then
     */
    AutoCloseable take(Priority priority) throws InterruptedException;
  }

  /** Its name, in logs and metrics. */
  public String label() {
    return label;
  }

  /** How many places there are; 0 where they come from elsewhere. */
  public int capacity() {
    return capacity;
  }

  /** How many places are taken now. */
  public int used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }

  /** How many wait now. */
  public int waiting() {
    lock.lock();
    try {
      return urgent.size() + others.size();
    } finally {
      lock.unlock();
    }
  }

  /** A place taken. Close it to give it back; closing twice is harmless. */
  public final class Place implements AutoCloseable {
    private final long taken = System.nanoTime();
    private final AutoCloseable lent;
    private LongConsumer listener = _ -> {};
    private boolean returned;

    private Place(AutoCloseable lent) {
      this.lent = lent;
    }

    /** Has {@code newListener} told for how many nanoseconds the place was kept. */
    void whenReturned(LongConsumer newListener) {
      listener = newListener;
    }

    // The boundary to a source's code.
    @Override
    @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
    public void close() {
      lock.lock();
      try {
        if (returned) {
          return;
        }
        returned = true;
        used--;
        serve();
      } finally {
        lock.unlock();
      }
      try {
        lent.close();
      } catch (Exception | Error e) {
        LOG.error("A place of pool \"{}\" cannot be given back", label, e);
      }
      listener.accept(System.nanoTime() - taken);
    }
  }

  /** Takes a place if one is free and nobody waits for it. */
  Optional<Place> tryTake() {
    lock.lock();
    try {
      if (source.isEmpty() && used < capacity && urgent.isEmpty() && others.isEmpty()) {
        used++;
        return Optional.of(new Place(() -> {}));
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a place, waiting for it. */
  Place take(Priority priority) throws InterruptedException {
    return source.isPresent() ? borrow(source.get(), priority) : queue(priority);
  }

  private Place borrow(Source from, Priority priority) throws InterruptedException {
    Waiter waiter = new Waiter(lock.newCondition());
    enter(waiter, priority);
    boolean taken = false;
    try {
      Place place = new Place(from.take(priority));
      taken = true;
      return place;
    } finally {
      leave(waiter, priority, taken);
    }
  }

  private void enter(Waiter waiter, Priority priority) {
    lock.lock();
    try {
      (priority == Priority.HIGH ? urgent : others).add(waiter);
    } finally {
      lock.unlock();
    }
  }

  private void leave(Waiter waiter, Priority priority, boolean taken) {
    lock.lock();
    try {
      (priority == Priority.HIGH ? urgent : others).remove(waiter);
      used += taken ? 1 : 0;
    } finally {
      lock.unlock();
    }
  }

  private Place queue(Priority priority) throws InterruptedException {
    Deque<Waiter> queue = priority == Priority.HIGH ? urgent : others;
    lock.lockInterruptibly();
    try {
      Waiter waiter = new Waiter(lock.newCondition());
      queue.add(waiter);
      serve();
      try {
        while (!waiter.served) {
          waiter.granted.await();
        }
      } catch (InterruptedException e) {
        if (waiter.served) {
          used--;
        } else {
          queue.remove(waiter);
        }
        serve();
        throw e;
      }
      return new Place(() -> {});
    } finally {
      lock.unlock();
    }
  }

  // Called with the lock held.
  private void serve() {
    while (used < capacity) {
      @Nullable Waiter next = urgent.isEmpty() ? others.poll() : urgent.poll();
      if (next == null) {
        return;
      }
      used++;
      next.served = true;
      next.granted.signal();
    }
  }
}
