package dev.millrace.engine.core;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
 * <p>A full disk is waited out: what was to be written is kept and tried again, and {@link
 * #trouble} says so. Any other failure of the database is fatal, and reported once.
 *
 * <p>The queue has no bound of its own: each key of an operation has at most one load and one mark
 * in it, each job two records.
 */
final class Recorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final int BATCH_MAX = 1000;
  private static final long RETRY_SECONDS = 2;

  private final JobStore store;
  private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicReference<Optional<String>> trouble = new AtomicReference<>(Optional.empty());
  private final Consumer<RuntimeException> fatal;
  private final Thread thread;

  /** Something to do with the database. */
  @FunctionalInterface
  interface Work {
    void run(JobStore store, Handle handle);
  }

  private record Entry(Work work, Runnable committed) {}

  private static final Entry END = new Entry((_, _) -> {}, () -> {});

  private Recorder(JobStore store, Consumer<RuntimeException> fatal) {
    this.store = store;
    this.fatal = fatal;
    // A platform thread: the driver blocks in native code.
    this.thread = Thread.ofPlatform().name("millrace-recorder").daemon().unstarted(this::loop);
  }

  static Recorder start(JobStore store, Consumer<RuntimeException> fatal) {
    Recorder recorder = new Recorder(store, fatal);
    recorder.thread.start();
    return recorder;
  }

  /** Has {@code work} done, and {@code committed} called, on the recorder's thread, once it is. */
  void submit(Work work, Runnable committed) {
    queue.add(new Entry(work, committed));
  }

  /** Has work done without telling when. */
  void submit(Work work) {
    submit(work, () -> {});
  }

  /** What keeps the recorder from its work, if anything does. */
  Optional<String> trouble() {
    return trouble.get();
  }

  private void loop() {
    try (Handle handle = store.openHandle()) {
      boolean open = true;
      while (open) {
        List<Entry> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch, BATCH_MAX - 1);
        open = !batch.contains(END);
        commit(handle, batch);
        batch.forEach(entry -> entry.committed.run());
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but at the end of the process.
      Thread.currentThread().interrupt();
    } catch (JdbiException e) {
      LOG.error("The records cannot be written: the engine stops", e);
      fatal.accept(e);
    }
  }

  private void commit(Handle handle, List<Entry> batch) throws InterruptedException {
    while (true) {
      try {
        handle.useTransaction(
            transaction -> batch.forEach(entry -> entry.work.run(store, transaction)));
        if (trouble.getAndSet(Optional.empty()).isPresent()) {
          LOG.info("The records are written again");
        }
        return;
      } catch (JdbiException e) {
        if (!isFullDisk(e)) {
          throw e;
        }
        String message = "The disk of the state directory is full: make room, and it goes on";
        if (trouble.getAndSet(Optional.of(message)).isEmpty()) {
          LOG.error("{} ({})", message, Traces.rootMessage(e));
        }
        if (closing.await(RETRY_SECONDS, TimeUnit.SECONDS)) {
          throw e;
        }
      }
    }
  }

  private static boolean isFullDisk(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toUpperCase(Locale.ROOT);
      if (cause instanceof SQLException
          && (message.contains("SQLITE_FULL") || message.contains("DISK FULL"))) {
        return true;
      }
    }
    return false;
  }

  /** Does all that was submitted, then ends. */
  @Override
  public void close() {
    closing.countDown();
    queue.add(END);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
