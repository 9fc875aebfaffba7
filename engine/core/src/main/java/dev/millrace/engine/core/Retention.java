package dev.millrace.engine.core;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes logs and records that nobody asked to keep, once an hour, on a virtual thread of its own.
 *
 * <p>What a stage shows is kept however old it is, as is the newest result of each key, which a
 * stage may want to show at any time. With its jobs goes who did what to them, after a year. A
 * record goes before its log, so that what is cut short by a crash leaves a log without a record,
 * which goes when its day does, and never the reverse.
 */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final Duration PAUSE = Duration.ofHours(1);
  private static final int BATCH = 500;

  /** So long it is known who did what, whatever becomes of the jobs that it was done to. */
  static final Duration ACTIONS_MIN = Duration.ofDays(365);

  private final Optional<Duration> keepLogs;
  private final Optional<Integer> keepHistory;
  private final InstantSource clock;
  private final StateDirectory directory;
  private final JobStore store;
  private final Recorder recorder;

  /** Whether a job is not over, or a stage shows it. */
  private final Predicate<JobId> inUse;

  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  Retention(
      EngineConfig config,
      StateDirectory directory,
      JobStore store,
      Recorder recorder,
      Predicate<JobId> inUse) {
    this.keepLogs = config.keeping().logs();
    this.keepHistory = config.keeping().history();
    this.clock = config.time().clock();
    this.directory = directory;
    this.store = store;
    this.recorder = recorder;
    this.inUse = inUse;
    this.thread = Thread.ofVirtual().name("millrace-retention").unstarted(this::live);
  }

  void start() {
    if (keepLogs.isPresent() || keepHistory.isPresent()) {
      thread.start();
    }
  }

  /** Ends it; says whether it ended by the deadline. */
  boolean close(Deadline deadline) {
    closing.countDown();
    return thread.getState() == Thread.State.NEW || deadline.join(thread);
  }

  // The last resort: what cannot be deleted now can be in an hour.
  @SuppressWarnings({"CatchingUnchecked", "InterruptedExceptionSwallowed"})
  private void live() {
    try {
      while (!closing.await(PAUSE.toSeconds(), TimeUnit.SECONDS)) {
        try {
          pass();
        } catch (IOException | RuntimeException e) {
          LOG.warn("Cannot delete what need not be kept in \"{}\"", directory.root(), e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Deletes what there is to delete now. */
  void pass() throws IOException, InterruptedException {
    if (keepHistory.isPresent()) {
      deleteHistory(keepHistory.get());
      deleteActions(clock.instant().minus(ACTIONS_MIN));
    }
    if (keepLogs.isPresent()) {
      deleteLogs(clock.instant().minus(keepLogs.get()));
    }
  }

  private void deleteHistory(int kept) throws IOException, InterruptedException {
    List<JobId> found = store.listSurplus(kept, "", BATCH);
    while (!found.isEmpty() && closing.getCount() > 0) {
      List<JobId> due = found.stream().filter(inUse.negate()).toList();
      CountDownLatch deleted = new CountDownLatch(1);
      recorder.submit((jobs, writer) -> jobs.delete(writer, due), deleted::countDown);
      recorder.await(deleted);
      for (JobId job : due) {
        boolean _ = Files.deleteIfExists(directory.logOf(job));
      }
      found = store.listSurplus(kept, found.getLast().value(), BATCH);
    }
  }

  private void deleteActions(Instant before) throws InterruptedException {
    AtomicInteger gone = new AtomicInteger(BATCH);
    while (gone.get() == BATCH && closing.getCount() > 0) {
      CountDownLatch deleted = new CountDownLatch(1);
      recorder.submit(
          (jobs, writer) -> gone.set(jobs.deleteActions(writer, before, BATCH)),
          deleted::countDown);
      recorder.await(deleted);
    }
  }

  /** Deletes the logs of whole days. */
  private void deleteLogs(Instant before) throws IOException, InterruptedException {
    LocalDate first = LocalDate.ofInstant(before, ZoneOffset.UTC);
    deleteStoredLogs(first.toString());
    try (DirectoryStream<Path> days =
        Files.newDirectoryStream(directory.logs(), "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]")) {
      for (Path day : days) {
        if (day.getFileName().toString().compareTo(first.toString()) < 0) {
          deleteDay(day);
        }
      }
    }
  }

  private void deleteStoredLogs(String before) throws InterruptedException {
    List<JobId> found = store.listLogs("", before, BATCH);
    while (!found.isEmpty() && closing.getCount() > 0) {
      List<JobId> due = found.stream().filter(inUse.negate()).toList();
      CountDownLatch deleted = new CountDownLatch(1);
      recorder.submit((jobs, writer) -> jobs.deleteLogs(writer, due), deleted::countDown);
      recorder.await(deleted);
      found = store.listLogs(found.getLast().value(), before, BATCH);
    }
  }

  private void deleteDay(Path day) throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(day, "*.log")) {
      for (Path log : logs) {
        String name = log.getFileName().toString();
        String id = day.getFileName() + "/" + name.substring(0, name.length() - ".log".length());
        // OCurrent may have left other names, which no stage shows.
        boolean used = JobId.isOne(id) && inUse.test(JobId.parse(id));
        if (closing.getCount() > 0 && !used) {
          boolean _ = Files.deleteIfExists(log);
        }
      }
    }
    try {
      boolean _ = Files.deleteIfExists(day);
    } catch (DirectoryNotEmptyException e) {
      // Some of its logs are shown.
    }
  }
}
