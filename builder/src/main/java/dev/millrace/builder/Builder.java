package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.spec.Account;
import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Builds specs, step by step, and keeps what each step leaves behind, so that no step is made
 * twice.
 *
 * <p>Any number of builds may run at once, each on its caller's thread; those that need the same
 * step at the same time share it. Interrupting a caller's thread cancels its build, and a step with
 * it when no other build waits for that.
 *
 * <p>Thread-safe. Owns the threads of its steps; the store, the sandbox and the fetcher are the
 * opener's.
 */
public final class Builder implements AutoCloseable {
  private static final int KEY_BYTES = 32;

  private final DirectoryLock lock;
  private final ResultDatabase database;
  private final StepEngine engine;
  private final Store store;
  private final SpecBuild.Tools tools;
  private final InstantSource time;

  private Builder(
      DirectoryLock lock,
      ResultDatabase database,
      StepEngine engine,
      SpecBuild.Tools tools,
      InstantSource time) {
    this.time = time;
    this.lock = lock;
    this.database = database;
    this.engine = engine;
    this.store = tools.store();
    this.tools = tools;
  }

  /**
   * Opens a builder and makes its records agree with the store.
   *
   * @throws BuilderException if another one uses the state directory
   */
  public static Builder open(BuilderConfig config, Store store, Sandbox sandbox, Fetcher fetcher)
      throws IOException, InterruptedException {
    Path state = config.stateDirectory();
    Files.createDirectories(state);
    DirectoryLock lock = DirectoryLock.take(state, "the builder's state in");
    try {
      InstantSource time = config.time();
      ResultDatabase database = ResultDatabase.open(state);
      removeUnfounded(store);
      database.reconcile(store.list(), time.instant());
      StepEngine engine =
          new StepEngine(
              store, recorder(database, time), config.logBytesMax(), config.keepFailed());
      SpecBuild.Tools tools =
          new SpecBuild.Tools(
              engine, store, sandbox, fetcher, new StepIds(key(state)), config.stepTimeLimit());
      return new Builder(lock, database, engine, tools, time);
    } catch (IOException | InterruptedException | BuilderException e) {
      lock.close();
      throw e;
    }
  }

  /** Removes snapshots whose base is gone, until none is left. */
  private static void removeUnfounded(Store store) throws IOException, InterruptedException {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Store.Stored stored : store.list()) {
        if (stored.base().isPresent() && !store.contains(stored.base().get())) {
          store.delete(stored.id());
          changed = true;
        }
      }
    }
  }

  private static StepEngine.Recorder recorder(ResultDatabase database, InstantSource time) {
    return new StepEngine.Recorder() {
      @Override
      public void saved(SnapshotId id, Optional<SnapshotId> base) {
        database.add(id, base, time.instant());
      }

      @Override
      public void used(SnapshotId id) {
        database.use(id, time.instant());
      }
    };
  }

  /** The key under which secrets enter ids, made at first use. */
  private static byte[] key(Path state) throws IOException {
    Path file = state.resolve("key");
    if (!Files.exists(file)) {
      byte[] key = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(key);
      Path draft = state.resolve("key.draft");
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(draft, key);
      Files.move(draft, file);
    }
    return Files.readAllBytes(file);
  }

  /**
   * Builds a spec, or finds that all of it was built before.
   *
   * @throws InterruptedException if the caller was interrupted: the build is cancelled
   * @throws BuilderException if the machine failed, not the build, or cannot run a step's user:
   *     known, and said, before anything is done
   * @throws dev.millrace.spec.SpecException if the spec copies from a build that is not in scope
   */
  public BuildResult build(Spec spec, BuildContext context, BuildLog log)
      throws InterruptedException {
    spec.requireScope();
    requireUsers(spec);
    try (SpecBuild build = new SpecBuild(tools, context, log)) {
      return new BuildResult.Built(build.build(spec, Map.of()));
    } catch (StepFailedException e) {
      return new BuildResult.Failed(e.text());
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException("The build was cancelled");
    } catch (IOException e) {
      throw new BuilderException("The builder failed: " + e.getMessage(), e);
    }
  }

  private void requireUsers(Spec spec) {
    spec.children().forEach(child -> requireUsers(child.spec()));
    for (Op op : spec.ops()) {
      if (op instanceof Op.User(Account.Unix(int uid, int gid))) {
        Optional<String> refusal = tools.sandbox().refusal(new User(uid, gid));
        if (refusal.isPresent()) {
          throw new BuilderException(
              "Cannot build this spec because of its %s: %s".formatted(op.render(0), refusal.get()),
              null);
        }
      }
    }
  }

  /**
   * Opens a snapshot for reading; it is kept until the view is closed.
   *
   * @throws BuilderException if it is not there
   */
  public Store.View openSnapshot(SnapshotId id) throws IOException, InterruptedException {
    engine.lease(id);
    try {
      return new LeasedView(store.open(id), engine, id);
    } catch (IOException | InterruptedException | BuilderException e) {
      engine.unlease(id);
      throw e;
    }
  }

  /** A view that keeps its snapshot. */
  private record LeasedView(Store.View view, StepEngine engine, SnapshotId id)
      implements Store.View {
    @Override
    public Path rootfs() {
      return view.rootfs();
    }

    @Override
    public void close() {
      view.close();
      engine.unlease(id);
    }
  }

  /** The snapshots whose ids begin so, in their order. */
  public List<SnapshotId> find(String prefix) {
    return database.list().stream()
        .map(StoredResult::id)
        .filter(id -> id.hex().startsWith(prefix))
        .sorted(Comparator.comparing(SnapshotId::hex))
        .toList();
  }

  /** The operation that made a snapshot, as specs have it; empty where OBuilder made it. */
  public Optional<String> findOperation(SnapshotId id) throws IOException {
    return StepRecord.find(store.sideDirectory(id)).map(StepRecord::operation);
  }

  /**
   * Runs a command on what a step left, as the step's commands ran: its user, directory,
   * environment and caches. What it changes is discarded. Interruption kills it.
   *
   * @param command program and arguments; empty for the step's shell
   * @param network whether it sees the network; the step's own choice if empty
   * @return its exit status
   * @throws BuilderException if the snapshot is not there
   */
  public int enter(
      SnapshotId id,
      List<String> command,
      Optional<Boolean> network,
      Command.Input input,
      Command.Output output)
      throws IOException, InterruptedException {
    engine.lease(id);
    try (Visit visit = Visit.begin(store, tools.sandbox(), id)) {
      return visit.run(tools.sandbox(), command, network, input, output);
    } finally {
      engine.unlease(id);
    }
  }

  /**
   * Writes a snapshot as a plain tar stream, with the owners that steps see.
   *
   * @throws BuilderException if it is not there
   */
  public void export(SnapshotId id, OutputStream tar) throws IOException, InterruptedException {
    engine.lease(id);
    try {
      store.pack(id, tar);
    } finally {
      engine.unlease(id);
    }
  }

  /**
   * Has a step really run, within a time that the import of its base does not count for.
   *
   * @return what went wrong, with all that was said; empty if nothing did
   */
  public Optional<String> checkHealth(String base, Duration timeLimit)
      throws IOException, InterruptedException {
    return new Healthcheck(this, tools, time).run(base, timeLimit);
  }

  /** The log of the step that made a snapshot, if it is there and has one. */
  public Optional<Path> findLog(SnapshotId id) throws IOException {
    Path log = store.sideDirectory(id).resolve("log");
    return store.contains(id) && Files.exists(log) ? Optional.of(log) : Optional.empty();
  }

  /** All snapshots, the latest used last. */
  public List<StoredResult> list() {
    return database.list();
  }

  /**
   * Deletes a snapshot and all that stand on it.
   *
   * @param before is told each one before it is deleted
   * @throws BuilderException if a build needs one of them
   */
  public void delete(SnapshotId id, Consumer<SnapshotId> before)
      throws IOException, InterruptedException {
    for (SnapshotId child : database.children(id)) {
      delete(child, before);
    }
    if (!tryDelete(id, before)) {
      throw new BuilderException(
          "Cannot delete snapshot %s: a build needs it; try again when that has ended"
              .formatted(id),
          null,
          true);
    }
  }

  /**
   * Deletes snapshots that were not used since, the longest unused first, and never one that a
   * build needs.
   *
   * @param limit how many at most
   * @param before is told each one before it is deleted
   * @return how many
   */
  public int prune(Instant unusedSince, int limit, Consumer<SnapshotId> before)
      throws IOException, InterruptedException {
    int count = 0;
    boolean progress = true;
    while (progress && count < limit) {
      progress = false;
      // Asked anew after each round: deleting a leaf may make its base one.
      for (SnapshotId id : database.leaves(unusedSince, limit)) {
        if (count < limit && tryDelete(id, before)) {
          count++;
          progress = true;
        }
      }
    }
    return count;
  }

  private boolean tryDelete(SnapshotId id, Consumer<SnapshotId> before)
      throws IOException, InterruptedException {
    if (!engine.tryDelete(id)) {
      return false;
    }
    try {
      // Somebody may have built on it since it was listed, and have ended.
      if (!database.children(id).isEmpty()) {
        return false;
      }
      before.accept(id);
      store.delete(id);
      database.delete(id);
      return true;
    } finally {
      engine.deleted(id);
    }
  }

  /** How many steps were found and how many were made since the builder was opened. */
  public CacheStatistics statistics() {
    return new CacheStatistics(engine.hits(), engine.misses());
  }

  /** How many steps were found and how many were made. */
  public record CacheStatistics(long hits, long misses) {}

  /** Cancels all builds and waits for their end. Idempotent. */
  @Override
  public void close() {
    engine.close();
    database.close();
    lock.close();
  }
}
