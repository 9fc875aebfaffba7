package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A writable copy of what a step left, for a look around; nothing of it is kept. Used by one
 * thread.
 */
final class Visit implements AutoCloseable {
  /** Of ids that no visit will ever take. */
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Store store;
  private final Store.Draft draft;
  private final StepRecord step;

  private Visit(Store store, Store.Draft draft, StepRecord step) {
    this.store = store;
    this.draft = draft;
    this.step = step;
  }

  /**
   * Opens a copy.
   *
   * @throws BuilderException if the snapshot is not there
   */
  static Visit begin(Store store, Sandbox sandbox, SnapshotId id)
      throws IOException, InterruptedException {
    StepRecord step =
        StepRecord.find(store.sideDirectory(id)).orElseGet(() -> ofUnknown(sandbox.shell()));
    SnapshotId never = new SnapshotId("%064x".formatted(NUMBERS.incrementAndGet()));
    return new Visit(store, store.begin(Optional.of(id), never), step);
  }

  /** A step of which nothing is known. */
  private static StepRecord ofUnknown(List<String> shell) {
    return new StepRecord(
        "",
        new StepRecord.Situation(
            List.of(Sandbox.Variable.STANDARD_PATH), User.ROOT, "/", shell, false),
        List.of());
  }

  int run(
      Sandbox sandbox,
      List<String> command,
      Optional<Boolean> network,
      Command.Input input,
      Command.Output output)
      throws IOException, InterruptedException {
    StepRecord.Situation state = step.state();
    List<Store.CacheCopy> caches = new ArrayList<>();
    List<Sandbox.Mount> mounts = new ArrayList<>();
    try {
      for (StepRecord.Cache cache : step.caches()) {
        Store.CacheCopy copy = store.openCache(cache.id(), state.user());
        caches.add(copy);
        copy.discard();
        mounts.add(new Sandbox.Mount(copy.directory(), cache.target(), false));
      }
      return sandbox.run(
          new Sandbox.Run(
              draft.rootfs(),
              command.isEmpty() ? interactive(state.shell()) : command,
              state.workdir(),
              state.environment(),
              state.user(),
              network.orElse(state.network()),
              mounts,
              List.of(),
              Optional.empty()),
          input,
          output);
    } finally {
      caches.forEach(Store.CacheCopy::close);
    }
  }

  /** A shell that reads commands, of one that is given a single one. */
  private static List<String> interactive(List<String> shell) {
    return shell.getLast().equals("-c") ? shell.subList(0, shell.size() - 1) : shell;
  }

  @Override
  public void close() {
    draft.close();
  }
}
