package dev.millrace.plugins.git;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when a repository's head may have moved: at once when the file system tells, and every so
 * often in case it did not (network file systems, a full queue of events, no more watches to be
 * had). Owns one virtual thread until closed.
 *
 * <p>Directories of refs come and go (with the first commit of a branch, with {@code git
 * pack-refs}), so what is watched is looked up anew after each event, and before the head is read:
 * what changes after that is an event again.
 */
public final class HeadWatch implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(HeadWatch.class);
  private static final Duration QUIET = Duration.ofMillis(5);
  private static final Duration UNQUIET_MAX = Duration.ofMillis(500);

  private final GitRepository repository;
  private final Duration poll;
  private final Runnable changed;
  private final LongSupplier nanoseconds;
  private final WatchService service;
  private final Map<Path, WatchKey> keys = new HashMap<>();
  private final Thread thread;

  private HeadWatch(
      GitRepository repository,
      Duration poll,
      Runnable changed,
      LongSupplier nanoseconds,
      WatchService service) {
    this.repository = repository;
    this.poll = poll;
    this.changed = changed;
    this.nanoseconds = nanoseconds;
    this.service = service;
    this.thread = Thread.ofVirtual().name("git-head-watch").unstarted(this::run);
  }

  /**
   * Starts watching.
   *
   * @param poll how often to say so without an event
   * @param changed called on the watch's own thread; must not block for long
   * @throws IOException if this machine has no watches left to give
   */
  public static HeadWatch start(GitRepository repository, Duration poll, Runnable changed)
      throws IOException {
    WatchService service = repository.gitDirectory().getFileSystem().newWatchService();
    HeadWatch watch = new HeadWatch(repository, poll, changed, System::nanoTime, service);
    watch.register();
    watch.thread.start();
    return watch;
  }

  /** Watches what there is to be watched now; a directory that was made anew is another one. */
  private void register() {
    List<Path> directories = repository.watchedDirectories();
    Set<Path> gone = new HashSet<>(keys.keySet());
    for (Path directory : directories) {
      try {
        WatchKey key = directory.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
        WatchKey before = keys.put(directory, key);
        if (before != null && !before.equals(key)) {
          before.cancel();
        }
        gone.remove(directory);
      } catch (IOException e) {
        // It vanished just now, or there are no more watches: then asking now and then must do.
        LOGGER.atDebug().addKeyValue("directory", directory).setCause(e).log("Cannot watch");
      }
    }
    for (Path directory : gone) {
      WatchKey key = keys.remove(directory);
      if (key != null) {
        key.cancel();
      }
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        WatchKey key = service.poll(poll.toMillis(), TimeUnit.MILLISECONDS);
        if (key != null) {
          awaitQuiet(key);
        }
        register();
        changed.run();
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      // Closed: nobody wants to know any more.
    }
  }

  /** Git changes several files for one commit; but one that never stops must not hide the rest. */
  private void awaitQuiet(WatchKey first) throws InterruptedException {
    long start = nanoseconds.getAsLong();
    WatchKey key = first;
    while (key != null) {
      key.pollEvents();
      key.reset();
      if (nanoseconds.getAsLong() - start > UNQUIET_MAX.toNanos()) {
        return;
      }
      key = service.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Stops watching and waits for the thread to end. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      service.close();
      thread.join();
    } catch (IOException e) {
      // Nothing is left to be done about a watch that does not close.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
