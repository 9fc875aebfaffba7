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
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Says when a repository's head may have moved: at once when the file system tells, and every so
 * often in case it did not (network file systems, a full queue of events). Owns one virtual thread
 * until closed.
 */
public final class HeadWatch implements AutoCloseable {
  private static final Duration QUIET = Duration.ofMillis(50);

  private final GitRepository repository;
  private final Duration poll;
  private final Runnable changed;
  private final WatchService service;
  private final Map<Path, WatchKey> keys = new HashMap<>();
  private final Thread thread;

  private HeadWatch(
      GitRepository repository, Duration poll, Runnable changed, WatchService service) {
    this.repository = repository;
    this.poll = poll;
    this.changed = changed;
    this.service = service;
    this.thread = Thread.ofVirtual().name("git-head-watch").unstarted(this::run);
  }

  /**
   * Starts watching.
   *
   * @param poll how often to say so without an event
   * @param changed called on the watch's own thread; must not block for long
   */
  public static HeadWatch start(GitRepository repository, Duration poll, Runnable changed)
      throws IOException {
    WatchService service = repository.gitDirectory().getFileSystem().newWatchService();
    HeadWatch watch = new HeadWatch(repository, poll, changed, service);
    watch.register(repository.watchedDirectories());
    watch.thread.start();
    return watch;
  }

  private void register(List<Path> directories) throws IOException {
    for (Path directory : directories) {
      if (!keys.containsKey(directory)) {
        keys.put(directory, directory.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE));
      }
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        WatchKey key = service.poll(poll.toMillis(), TimeUnit.MILLISECONDS);
        while (key != null) {
          key.pollEvents();
          key.reset();
          key = service.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        }
        changed.run();
        keys.values().removeIf(registered -> !registered.isValid());
        register(repository.watchedDirectories());
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      // Closed: nobody wants to know any more.
    } catch (IOException e) {
      // The repository has vanished: reading its head says so to the user.
      changed.run();
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
