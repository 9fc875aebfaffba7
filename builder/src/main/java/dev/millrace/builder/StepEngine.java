package dev.millrace.builder;

import dev.millrace.builder.StepEngine.Outcome.Broken;
import dev.millrace.builder.StepEngine.Outcome.Cancelled;
import dev.millrace.builder.StepEngine.Outcome.Failed;
import dev.millrace.builder.StepEngine.Outcome.Loaded;
import dev.millrace.builder.StepEngine.Outcome.Saved;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes snapshots, each only once at a time, for any number of clients.
 *
 * <p><b>Idea.</b> A step that is being made is a <i>flight</i>: one thread makes it, clients who
 * ask for the same id meanwhile join it, read its log from the beginning and then as it grows, and
 * wait for its end. A client leaves by being interrupted; when the last one has left, the flight's
 * thread is interrupted, and whoever asks for the id from then on waits until the flight has ended
 * and starts over. A failed flight leaves nothing.
 *
 * <p><b>Leases.</b> A client holds a lease on each snapshot that its build stands on or will need;
 * a flight holds one on its base and on its result. What is leased is not deleted; what is being
 * deleted is not leased before it is gone.
 *
 * <p><b>Order at the end of a flight</b>: the log is complete, the store commits, the database
 * records, the flight leaves the map, its outcome appears, its log is closed by the last client.
 *
 * <p><b>Concurrency.</b> One lock, {@code this}, guards the maps and the flights' counts. Nothing
 * blocks under it but waiting for it. The engine owns the flights' threads and waits for them when
 * it is closed.
 */
final class StepEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StepEngine.class);
  private static final int BUFFER_BYTES = 1 << 15;

  private final Store store;
  private final Recorder recorder;
  private final long logBytesMax;
  private final boolean keepFailed;
  private final Map<SnapshotId, Flight> flights = new HashMap<>();
  private final Map<SnapshotId, Integer> leases = new HashMap<>();
  private final Set<SnapshotId> deleting = new HashSet<>();
  private final AtomicLong hits = new AtomicLong();
  private final AtomicLong misses = new AtomicLong();
  private boolean closed;

  /**
   * An engine.
   *
   * @param keepFailed whether the root of a step that failed is kept, under {@link StepIds#failed}
   */
  StepEngine(Store store, Recorder recorder, long logBytesMax, boolean keepFailed) {
    this.store = store;
    this.recorder = recorder;
    this.logBytesMax = logBytesMax;
    this.keepFailed = keepFailed;
  }

  /** Takes notes of snapshots. */
  interface Recorder {
    /** A snapshot was made. */
    void saved(SnapshotId id, Optional<SnapshotId> base);

    /** A snapshot was used. */
    void used(SnapshotId id);
  }

  /** How a step is made. */
  interface Work {
    /**
     * Changes the draft's root file system. Interruption stops it.
     *
     * @throws StepFailedException if the step fails
     */
    void run(Store.Draft draft, StepLog log)
        throws StepFailedException, IOException, InterruptedException;
  }

  /** How a flight ended. */
  sealed interface Outcome {
    /** The snapshot was made. */
    record Saved() implements Outcome {}

    /** The snapshot was there. */
    record Loaded() implements Outcome {}

    /**
     * The step failed.
     *
     * @param kept what it left, if that was to be kept
     */
    record Failed(String message, Optional<SnapshotId> kept) implements Outcome {}

    /** The machine failed. */
    record Broken(Throwable cause) implements Outcome {}

    /** Everybody left. */
    record Cancelled() implements Outcome {}
  }

  /** A step that is being made. All but the latches and the constants is guarded by the engine. */
  private static final class Flight {
    private final SnapshotId id;
    private final Optional<SnapshotId> base;

    /** Clients who still want it; with none left it is being cancelled. */
    private int users = 1;

    /** Clients who may still read its log. */
    private int readers = 1;

    private @Nullable StepLog log;
    private @Nullable Outcome outcome;
    private @Nullable Thread thread;
    private final CountDownLatch logOpened = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    Flight(SnapshotId id, Optional<SnapshotId> base) {
      this.id = id;
      this.base = base;
    }
  }

  /**
   * Finds or makes a snapshot. The client must hold leases on it and on its base.
   *
   * @return saved, loaded or failed
   * @throws InterruptedException if the client is interrupted; others are not disturbed
   * @throws BuilderException if the machine failed
   */
  Outcome perform(SnapshotId id, Optional<SnapshotId> base, BuildLog client, Work work)
      throws InterruptedException {
    while (true) {
      Flight flight;
      boolean join;
      boolean start = false;
      synchronized (this) {
        requireOpen();
        flight = flights.get(id);
        join = flight != null && flight.users > 0;
        if (flight == null) {
          if (isStored(id)) {
            // Decided under the lock: no flight of this id can begin or end meanwhile.
            flight = null;
          } else {
            flight = new Flight(id, base);
            flights.put(id, flight);
            hold(id);
            base.ifPresent(this::hold);
            start = true;
          }
        } else if (join) {
          flight.users++;
          flight.readers++;
        }
      }
      if (flight == null) {
        return load(id, client);
      }
      if (start) {
        launch(flight, work);
      }
      if (start || join) {
        client.started();
        return follow(flight, client);
      }
      client.note("Waiting for previous build to finish cancelling");
      flight.ended.await();
    }
  }

  private boolean isStored(SnapshotId id) {
    try {
      return store.contains(id);
    } catch (IOException e) {
      throw new BuilderException(
          "Cannot look for snapshot %s in the store: %s".formatted(id, e.getMessage()), e);
    }
  }

  private Outcome load(SnapshotId id, BuildLog client) throws InterruptedException {
    hits.incrementAndGet();
    recorder.used(id);
    try {
      client.found();
      replay(store.sideDirectory(id).resolve("log"), client);
    } catch (IOException e) {
      throw new BuilderException(
          "Cannot read the log of snapshot %s: %s".formatted(id, e.getMessage()), e);
    }
    return tell(id, new Loaded(), client);
  }

  private static void replay(Path file, BuildLog client) throws IOException, InterruptedException {
    if (!Files.exists(file)) {
      return;
    }
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = new FileInputStream(file.toFile())) {
      int count;
      while ((count = in.read(buffer)) > 0) {
        client.output(buffer, count);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    }
  }

  private Outcome follow(Flight flight, BuildLog client) throws InterruptedException {
    try {
      flight.logOpened.await();
      StepLog log;
      synchronized (this) {
        log = flight.log;
      }
      if (log != null) {
        log.follow(client);
      }
      flight.ended.await();
      Outcome outcome;
      synchronized (this) {
        outcome = flight.outcome;
      }
      return tell(flight.id, outcome == null ? new Cancelled() : outcome, client);
    } catch (IOException e) {
      throw new BuilderException(
          "Cannot read the log of step %s: %s".formatted(flight.id, e.getMessage()), e);
    } finally {
      leave(flight);
    }
  }

  private static Outcome tell(SnapshotId id, Outcome outcome, BuildLog client)
      throws InterruptedException {
    switch (outcome) {
      case Saved() -> client.note("---> saved as \"%s\"".formatted(id));
      case Loaded() -> client.note("---> using \"%s\" from cache".formatted(id));
      // The caller says why.
      case Failed(_, Optional<SnapshotId> kept) ->
          kept.ifPresent(left -> client.note("---> failed, and kept as \"%s\"".formatted(left)));
      case Broken(Throwable cause) ->
          throw cause instanceof BuilderException e
              ? new BuilderException(String.valueOf(e.getMessage()), e, e.isRetryable())
              : new BuilderException(
                  "The builder failed: "
                      + (cause.getMessage() == null ? cause : cause.getMessage()),
                  cause);
      case Cancelled() -> throw new InterruptedException("The builder is being closed");
    }
    return outcome;
  }

  /** A client goes: the last one cancels a flight that has not ended, or closes its log. */
  private void leave(Flight flight) {
    Thread cancelled = null;
    StepLog toClose = null;
    synchronized (this) {
      flight.readers--;
      if (flight.outcome == null) {
        flight.users--;
        if (flight.users == 0) {
          cancelled = flight.thread;
        }
      } else if (flight.readers == 0) {
        toClose = flight.log;
      }
    }
    if (cancelled != null) {
      cancelled.interrupt();
    }
    close(toClose);
  }

  private void launch(Flight flight, Work work) {
    Thread thread =
        Thread.ofVirtual()
            .name("step-" + flight.id.hex().substring(0, 12))
            .unstarted(() -> fly(flight, work));
    synchronized (this) {
      flight.thread = thread;
    }
    thread.start();
  }

  private void fly(Flight flight, Work work) {
    misses.incrementAndGet();
    Outcome outcome = make(flight, work);
    StepLog toClose = null;
    synchronized (this) {
      flights.remove(flight.id);
      release(flight.id);
      flight.base.ifPresent(this::release);
      flight.outcome = flight.users == 0 ? new Cancelled() : outcome;
      if (flight.readers == 0) {
        toClose = flight.log;
      }
      notifyAll();
    }
    // A step that ended before it had a log: nobody shall wait for one.
    flight.logOpened.countDown();
    flight.ended.countDown();
    close(toClose);
  }

  // The boundary of a flight: whatever it throws becomes its outcome, which every client gets.
  @SuppressWarnings("InterruptedExceptionSwallowed")
  private Outcome make(Flight flight, Work work) {
    try (Store.Draft draft = store.begin(flight.base, flight.id)) {
      StepLog log = StepLog.create(draft.sideDirectory().resolve("log"), logBytesMax);
      synchronized (this) {
        flight.log = log;
      }
      flight.logOpened.countDown();
      try {
        work.run(draft, log);
      } catch (StepFailedException e) {
        log.finish();
        return new Failed(e.text(), keep(flight, draft));
      } finally {
        // INVARIANT: a log is complete before its snapshot appears, and ends if none does.
        log.finish();
      }
      if (isUnwanted(flight)) {
        return new Cancelled();
      }
      draft.commit();
      recorder.saved(flight.id, flight.base);
      return new Saved();
    } catch (InterruptedException e) {
      return new Cancelled();
    } catch (Throwable e) {
      if (!isUnwanted(flight)) {
        LOG.debug("Step {} broke", flight.id, e);
      }
      return new Broken(e);
    }
  }

  /** Keeps what a failed step left, in the place of what it left the last time. */
  private Optional<SnapshotId> keep(Flight flight, Store.Draft draft) throws InterruptedException {
    SnapshotId id = StepIds.failed(flight.id);
    if (!keepFailed || flight.base.isEmpty() || isUnwanted(flight) || !tryDelete(id)) {
      return Optional.empty();
    }
    try {
      store.delete(id);
      draft.commitAs(id);
      recorder.saved(id, flight.base);
      return Optional.of(id);
    } catch (IOException e) {
      LOG.warn("Cannot keep what the failed step {} left", flight.id, e);
      return Optional.empty();
    } finally {
      deleted(id);
    }
  }

  private synchronized boolean isUnwanted(Flight flight) {
    return flight.users == 0;
  }

  private static void close(@Nullable StepLog log) {
    if (log != null) {
      try {
        log.close();
      } catch (IOException e) {
        LOG.warn("Cannot close a step's log", e);
      }
    }
  }

  /**
   * Keeps a snapshot, there or not, from being deleted until {@link #unlease}; waits while it is
   * being deleted.
   */
  synchronized void lease(SnapshotId id) throws InterruptedException {
    while (deleting.contains(id)) {
      wait();
    }
    hold(id);
  }

  private synchronized void hold(SnapshotId id) {
    leases.merge(id, 1, Integer::sum);
  }

  synchronized void unlease(SnapshotId id) {
    release(id);
  }

  private synchronized void release(SnapshotId id) {
    leases.computeIfPresent(id, (_, count) -> count == 1 ? null : count - 1);
  }

  /** Begins to delete a snapshot, if nobody needs it; then {@link #deleted} must follow. */
  synchronized boolean tryDelete(SnapshotId id) {
    return !leases.containsKey(id) && deleting.add(id);
  }

  /** A deletion has ended. */
  synchronized void deleted(SnapshotId id) {
    deleting.remove(id);
    notifyAll();
  }

  long hits() {
    return hits.get();
  }

  long misses() {
    return misses.get();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The builder is closed");
    }
  }

  /** Cancels what is being made and waits for its end; an interruption is kept for later. */
  @Override
  public void close() {
    boolean interrupted = false;
    synchronized (this) {
      closed = true;
      for (Flight flight : flights.values()) {
        if (flight.thread != null) {
          flight.thread.interrupt();
        }
      }
      while (!flights.isEmpty()) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
