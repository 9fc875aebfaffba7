package dev.millrace.engine.core;

import dev.millrace.base.FullDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and reads the records in order, on one thread, with one commit for all that has come
 * together: what a commit costs is shared (group commit), and nobody else waits for the disk.
 *
 * <p>A full disk is waited out: what was to be written is kept and tried again every two seconds,
 * {@link #trouble} says so, and reading goes on. Any other failure of the database is fatal, and
 * reported once: what is written after a failed sync may be lost, so nothing is written any more,
 * and none of it is acknowledged.
 *
 * <p>The queue has no bound of its own: each key of an operation has at most one load and one mark
 * in it, each job two records.
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final int BATCH_MAX = 1000;
  private static final long RETRY_SECONDS = 2;

  private final JobStore store;
  private final Path directory;
  private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<Optional<String>> trouble = new AtomicReference<>(Optional.empty());
  private final Consumer<Throwable> fatal;
  private final Thread thread;

  /** Something to do with the database. */
  @FunctionalInterface
  interface Work {
    void run(JobStore store, JobStore.Prepared prepared);
  }

  /** What a work does with the records of a key, if it matters in which order. */
  private enum Access {
    WRITES,
    READS_KEY,
    MARKS_KEY
  }

  private record Entry(
      Work work, Runnable committed, Access access, Optional<Cache.Address> address) {
    /** Whether this may be read before what is to be written, and that never be noticed. */
    boolean canOvertake(List<Entry> earlier) {
      return access == Access.READS_KEY
          && earlier.stream()
              .noneMatch(
                  entry -> entry.access == Access.MARKS_KEY && entry.address.equals(address));
    }
  }

  private static final Entry END =
      new Entry((_, _) -> {}, () -> {}, Access.WRITES, Optional.empty());

  private Recorder(JobStore store, Path directory, Consumer<Throwable> fatal) {
    this.store = store;
    this.directory = directory;
    this.fatal = fatal;
    // A platform thread: the driver blocks in native code.
    this.thread = Thread.ofPlatform().name("millrace-recorder").daemon().unstarted(this::loop);
  }

  /**
   * Starts it.
   *
   * @param directory what messages name as the place where there is no room
   * @param fatal told, on the recorder's thread, why nothing is written any more
   */
  static Recorder start(JobStore store, Path directory, Consumer<Throwable> fatal) {
    Recorder recorder = new Recorder(store, directory, fatal);
    recorder.thread.start();
    return recorder;
  }

  /** Has {@code work} done, and {@code committed} called, on the recorder's thread, once it is. */
  void submit(Work work, Runnable committed) {
    queue.add(new Entry(work, committed, Access.WRITES, Optional.empty()));
  }

  /** Has what is known of a key read; also while the disk is full. */
  void submitLoad(Cache.Address address, Work work, Runnable done) {
    queue.add(new Entry(work, done, Access.READS_KEY, Optional.of(address)));
  }

  /** Has every record of a key marked as not to be used any more. */
  void submitMark(Cache.Address address) {
    queue.add(
        new Entry(
            (jobs, prepared) -> jobs.markForRebuild(prepared, address),
            () -> {},
            Access.MARKS_KEY,
            Optional.of(address)));
  }

  /**
   * Waits for what a {@code committed} of {@link #submit} counts down.
   *
   * @throws EngineException if it cannot come any more
   */
  void await(CountDownLatch committed) throws InterruptedException {
    while (!committed.await(1, TimeUnit.SECONDS)) {
      if (ended.getCount() == 0 && committed.getCount() > 0) {
        throw new EngineException(
            "The records in \"%s\" are not written any more".formatted(directory));
      }
    }
  }

  /**
   * Has a change made, and returns when it is on the disk.
   *
   * @param what for people, when it cannot be
   * @param committed called before that, on the recorder's thread
   * @throws EngineException if it cannot be stored now
   */
  void write(String what, Consumer<Handle> change, Runnable committed) throws InterruptedException {
    Optional<String> problem = trouble();
    if (problem.isPresent()) {
      throw new EngineException("%s cannot be stored now: %s".formatted(what, problem.get()));
    }
    CountDownLatch written = new CountDownLatch(1);
    submit(
        (_, prepared) -> change.accept(prepared.handle()),
        () -> {
          committed.run();
          written.countDown();
        });
    await(written);
  }

  /** What keeps the recorder from its work, if anything does. */
  Optional<String> trouble() {
    return trouble.get();
  }

  // The last resort: a recorder that cannot go on says so, whatever the reason.
  @SuppressWarnings("CatchingUnchecked")
  private void loop() {
    try (Handle handle = store.openHandle();
        JobStore.Prepared prepared = new JobStore.Prepared(handle)) {
      boolean open = true;
      while (open) {
        List<Entry> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch, BATCH_MAX - 1);
        commit(prepared, batch);
        // Only now: while the disk is full, a batch grows.
        open = !batch.contains(END);
        batch.forEach(entry -> entry.committed.run());
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but at the end of the process.
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.error("The records in \"{}\" cannot be written: the engine stops", directory, e);
      ended.countDown();
      trouble.set(
          Optional.of(
              "The records in \"%s\" cannot be written: %s"
                  .formatted(directory, Traces.rootMessage(e))));
      fatal.accept(e);
    } finally {
      ended.countDown();
    }
  }

  /** Has a batch written; while that has to wait, it grows, and what only reads is taken out. */
  private void commit(JobStore.Prepared prepared, List<Entry> batch) throws InterruptedException {
    while (true) {
      try {
        if (trouble.get().isPresent()) {
          readAhead(prepared, batch);
        }
        write(prepared, batch);
        if (trouble.getAndSet(Optional.empty()).isPresent()) {
          LOG.info("The records are written again");
        }
        return;
      } catch (JdbiException e) {
        if (!FullDisk.isCauseOf(e)) {
          throw e;
        }
        String message = FullDisk.message(directory);
        if (trouble.getAndSet(Optional.of(message)).isEmpty()) {
          LOG.error("{} ({})", message, Traces.rootMessage(e));
        }
        if (closing.await(RETRY_SECONDS, TimeUnit.SECONDS)) {
          throw e;
        }
        queue.drainTo(batch);
      }
    }
  }

  private void write(JobStore.Prepared prepared, List<Entry> batch) {
    boolean done = false;
    try {
      prepared
          .handle()
          .useTransaction(_ -> batch.forEach(entry -> entry.work.run(store, prepared)));
      done = true;
    } finally {
      if (!done) {
        prepared.forget();
      }
    }
  }

  private void readAhead(JobStore.Prepared prepared, List<Entry> batch) {
    List<Entry> kept = new ArrayList<>();
    List<Entry> read = new ArrayList<>();
    batch.forEach(entry -> (entry.canOvertake(kept) ? read : kept).add(entry));
    if (!read.isEmpty()) {
      write(prepared, read);
      batch.clear();
      batch.addAll(kept);
      read.forEach(entry -> entry.committed.run());
    }
  }

  /**
   * Does all that was submitted, then ends; while the disk is full it ends at once. Says whether it
   * ended by the deadline.
   */
  boolean close(Deadline deadline) {
    closing.countDown();
    queue.add(END);
    return deadline.join(thread);
  }
}
