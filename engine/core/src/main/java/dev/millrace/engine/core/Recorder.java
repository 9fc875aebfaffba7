package dev.millrace.engine.core;

import java.nio.file.Path;
import java.time.Duration;
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
 * <p>A full disk and a server that is away are waited out: what was to be written is kept and tried
 * again every two seconds at least, {@link #trouble} says so, and reading goes on if it can. Any
 * other failure of the database is fatal, and reported once: what is written after a failed sync
 * may be lost, so nothing is written any more, and none of it is acknowledged.
 *
 * <p>The queue has no bound of its own: each key of an operation has at most one load and one mark
 * in it, each job two records.
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final int BATCH_MAX = 1000;
  private static final Duration RETRY_FIRST = Duration.ofMillis(100);
  private static final Duration RETRY_LAST = Duration.ofSeconds(2);
  private static final long GLANCE_MILLIS = 100;

  private final JobStore store;
  private final Writer writer;
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
    void run(JobStore store, Writer writer);
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

  private Recorder(JobStore store, Writer writer, Path directory, Consumer<Throwable> fatal) {
    this.store = store;
    this.writer = writer;
    this.directory = directory;
    this.fatal = fatal;
    // A platform thread: the driver blocks in native code.
    this.thread = Thread.ofPlatform().name("millrace-recorder").daemon().unstarted(this::loop);
  }

  /**
   * Starts it.
   *
   * @param writer closed at its end
   * @param directory what messages name as the place of the records
   * @param fatal told, on the recorder's thread, why nothing is written any more
   */
  static Recorder start(JobStore store, Writer writer, Path directory, Consumer<Throwable> fatal) {
    Recorder recorder = new Recorder(store, writer, directory, fatal);
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
  void submitMark(Cache.Address address, Runnable committed) {
    queue.add(
        new Entry(
            (jobs, writer) -> jobs.markForRebuild(writer, address),
            committed,
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
   * The same, but while the disk is full it returns at once.
   *
   * @throws EngineException if it cannot come any more, or has not by the deadline
   */
  void awaitUnlessFull(CountDownLatch committed, Deadline deadline) throws InterruptedException {
    while (!committed.await(GLANCE_MILLIS, TimeUnit.MILLISECONDS)) {
      // Asked first: what ends the recorder for good is said afterwards.
      boolean troubled = trouble().isPresent();
      if (ended.getCount() == 0) {
        await(committed);
      } else if (troubled) {
        return;
      } else if (deadline.isOver()) {
        throw new EngineException("The records in \"%s\" are slow".formatted(directory));
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
        (_, writer) -> change.accept(writer.handle()),
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
    try {
      boolean open = true;
      while (open) {
        List<Entry> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch, BATCH_MAX - 1);
        commit(batch);
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
      writer.close();
      ended.countDown();
    }
  }

  /** Has a batch written; while that has to wait, it grows, and what only reads is taken out. */
  private void commit(List<Entry> batch) throws InterruptedException {
    Duration pause = RETRY_FIRST;
    boolean failed = false;
    while (true) {
      try {
        boolean written = failed && writer.recover();
        if (failed && !written) {
          queue.drainTo(batch);
          readAhead(batch);
        }
        if (!written) {
          write(batch);
        }
        if (trouble.getAndSet(Optional.empty()).isPresent()) {
          LOG.info("The records are written again");
        }
        return;
      } catch (JdbiException e) {
        failed = true;
        waitOut(e, pause);
        pause =
            pause.multipliedBy(2).compareTo(RETRY_LAST) < 0 ? pause.multipliedBy(2) : RETRY_LAST;
      }
    }
  }

  /**
   * Says what the trouble is, and waits a moment; throws it if it is fatal, or the end has come.
   */
  private void waitOut(JdbiException failure, Duration pause) throws InterruptedException {
    String message = store.passing(failure).orElseThrow(() -> failure);
    if (!trouble.getAndSet(Optional.of(message)).equals(Optional.of(message))) {
      LOG.error("{} ({})", message, Traces.rootMessage(failure));
    }
    if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      throw failure;
    }
  }

  private void write(List<Entry> batch) {
    if (batch.stream().allMatch(entry -> entry.access == Access.READS_KEY)) {
      read(batch);
    } else {
      writer.transact(now -> batch.forEach(entry -> entry.work.run(store, now)));
    }
  }

  private void read(List<Entry> batch) {
    writer.read(now -> batch.forEach(entry -> entry.work.run(store, now)));
  }

  private void readAhead(List<Entry> batch) {
    List<Entry> kept = new ArrayList<>();
    List<Entry> read = new ArrayList<>();
    batch.forEach(entry -> (entry.canOvertake(kept) ? read : kept).add(entry));
    if (!read.isEmpty()) {
      read(read);
      batch.clear();
      batch.addAll(kept);
      read.forEach(entry -> entry.committed.run());
    }
  }

  /**
   * Does all that was submitted, then ends; while it waits for the disk or a server it ends at
   * once. Says whether it ended by the deadline.
   */
  boolean close(Deadline deadline) {
    closing.countDown();
    queue.add(END);
    return deadline.join(thread);
  }
}
