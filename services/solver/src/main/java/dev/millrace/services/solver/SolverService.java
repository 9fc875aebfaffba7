package dev.millrace.services.solver;

import dev.millrace.base.TaskScope;
import dev.millrace.services.cikit.CiKitException;
import dev.millrace.services.cikit.OpamVersionSolver;
import dev.millrace.services.cikit.PackageSource;
import dev.millrace.services.cikit.VersionSolver.Answer;
import dev.millrace.services.cikit.VersionSolver.Question;
import dev.millrace.services.solver.Protocol.Platform;
import dev.millrace.services.solver.Protocol.RepositoryCommit;
import dev.millrace.services.solver.Protocol.Request;
import dev.millrace.services.solver.Protocol.Selection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Picks versions for projects on platforms, as solver-service does. Thread-safe: any number of
 * requests at once, which share the workers.
 */
public final class SolverService implements AutoCloseable {
  /** OCaml-CI installs it by itself, so that its changes count always. */
  private static final String ALWAYS = "odoc.2.1.1";

  /** How long a platform may take; real ones take less than a second. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Stores stores;
  private final Semaphore workers;
  private final InstantSource clock;
  private final LongSupplier nanoseconds;

  private SolverService(
      Stores stores, Semaphore workers, InstantSource clock, LongSupplier nanoseconds) {
    this.stores = stores;
    this.workers = workers;
    this.clock = clock;
    this.nanoseconds = nanoseconds;
  }

  /**
   * A service.
   *
   * @param directory where copies of repositories and their index are kept; it is made when needed
   * @param workers how many platforms are solved at once
   */
  public static SolverService open(Path directory, int workers) {
    return open(directory, workers, LIMIT);
  }

  /**
   * A service that takes no longer than this for a platform; then the request fails.
   *
   * @param directory where copies of repositories and their index are kept; it is made when needed
   * @param workers how many platforms are solved at once
   */
  public static SolverService open(Path directory, int workers, Duration limit) {
    return open(directory, workers, limit, InstantSource.system(), System::nanoTime);
  }

  /** The same by other clocks, for the log. */
  static SolverService open(
      Path directory, int workers, Duration limit, InstantSource clock, LongSupplier nanoseconds) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be at least 1, was " + workers);
    }
    return new SolverService(
        new Stores(directory, limit), new Semaphore(workers), clock, nanoseconds);
  }

  /**
   * Answers a request in solver-service's JSON; also when it is none. If the calling thread is
   * interrupted the answer is that it was cancelled, and the thread is no longer interrupted.
   *
   * @param log is told how it goes, from several threads, in the original's lines without their
   *     ends; some are several lines in one
   */
  public String answer(String request, Consumer<String> log) {
    try {
      return Protocol.render(solve(Protocol.parse(request), new RequestLog(clock, log)));
    } catch (SolverServiceException | CiKitException e) {
      return Protocol.renderError(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      // Whoever interrupts wants this answer.
      return Protocol.renderCancelled();
    }
  }

  private List<Selection> solve(Request request, RequestLog log) throws InterruptedException {
    log.info(
        "Opening ",
        separated(request.repositories().stream().map(RepositoryCommit::toString).toList(), ","),
        "");
    try (Stores.Opened opened = open(request.repositories())) {
      log.info(
          "Solving for ",
          separated(request.roots().stream().map(PackageSource::pkg).toList(), ","),
          "");
      List<TaskScope.Task<Outcome>> tasks = new ArrayList<>();
      try (TaskScope scope = TaskScope.open("solver-request")) {
        for (Platform platform : request.platforms()) {
          tasks.add(scope.fork(() -> outcome(opened, request, platform, log)));
        }
        scope.join();
      }
      Set<String> failures = new LinkedHashSet<>();
      List<Selection> selections = new ArrayList<>();
      for (int i = 0; i < tasks.size(); i++) {
        log.info("= %s =".formatted(request.platforms().get(i).id()));
        switch (tasks.get(i).result()) {
          case Outcome.Found(var selection) -> {
            log.info("-> ", selection.packages(), "");
            log.info("(valid since opam-repository commit(s): ", words(selection.commits()), ")");
            selections.add(selection);
          }
          case Outcome.None(var explanation) -> log.info(explanation);
          case Outcome.Failed(var message) -> {
            log.info(message);
            failures.add(message);
          }
        }
      }
      if (!failures.isEmpty()) {
        throw new SolverServiceException(String.join("\n", failures));
      }
      return selections;
    }
  }

  private static List<String> words(List<RepositoryCommit> commits) {
    List<String> pairs =
        commits.stream().map(commit -> commit.url() + ", " + commit.hash()).toList();
    return separated(pairs, ";").stream().flatMap(pair -> Stream.of(pair.split(" "))).toList();
  }

  /** With the separator after each but the last. */
  private static List<String> separated(List<String> words, String separator) {
    List<String> separated = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      separated.add(i < words.size() - 1 ? words.get(i) + separator : words.get(i));
    }
    return separated;
  }

  /**
   * Opens the commits on a thread of its own: what fetches may lose an interruption, and then the
   * request would go on although it was cancelled.
   */
  private Stores.Opened open(List<RepositoryCommit> commits) throws InterruptedException {
    AtomicReference<Stores.@Nullable Opened> opened = new AtomicReference<>();
    try {
      try (TaskScope scope = TaskScope.open("solver-stores")) {
        scope.fork(() -> opened.set(stores.open(commits)));
        scope.join();
      }
      return Objects.requireNonNull(opened.get());
    } catch (TaskScope.TaskFailedException e) {
      if (e.failure() instanceof SolverServiceException failure) {
        throw failure;
      }
      throw e;
    } catch (InterruptedException e) {
      Stores.Opened late = opened.get();
      if (late != null) {
        late.close();
      }
      throw e;
    }
  }

  private sealed interface Outcome {
    record Found(Selection selection) implements Outcome {}

    record None(String explanation) implements Outcome {}

    record Failed(String message) implements Outcome {}
  }

  private Outcome outcome(Stores.Opened opened, Request request, Platform platform, RequestLog log)
      throws InterruptedException {
    workers.acquire();
    try {
      Question question =
          new Question(
              platform.variables(), request.roots(), request.pins(), platform.lowerBound());
      long begin = nanoseconds.getAsLong();
      Answer answer = opened.solver().solve(question);
      double seconds = (nanoseconds.getAsLong() - begin) / 1e9;
      return switch (answer) {
        case Answer.Solved solved -> {
          log.info("%s: found solution in %.2f s".formatted(platform.id(), seconds));
          yield new Outcome.Found(
              new Selection(
                  platform.id(),
                  solved.compatible(),
                  solved.packages(),
                  commits(opened, request, solved.packages()),
                  platform.lowerBound()));
        }
        case Answer.Unsolvable(var explanation) -> {
          log.info(
              explanation.equals(OpamVersionSolver.NOT_AVAILABLE)
                  ? "%s: not available for this platform".formatted(platform.id())
                  : "%s: eliminated all possibilities in %.2f s".formatted(platform.id(), seconds));
          yield new Outcome.None(explanation);
        }
      };
    } catch (CiKitException | SolverServiceException e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()));
    } finally {
      workers.release();
    }
  }

  /** Since when the repositories have had these packages; those with none of them are left out. */
  private static List<RepositoryCommit> commits(
      Stores.Opened opened, Request request, List<String> packages) throws InterruptedException {
    Set<String> paths = new LinkedHashSet<>(packages);
    request.roots().forEach(source -> paths.remove(source.pkg()));
    request.pins().forEach(source -> paths.remove(source.pkg()));
    paths.add(ALWAYS);
    List<RepositoryCommit> commits = new ArrayList<>();
    for (Map.Entry<RepositoryCommit, Path> repository : opened.gitDirectories().entrySet()) {
      try {
        Optional<String> oldest =
            History.oldest(repository.getValue(), repository.getKey().hash(), paths);
        oldest.ifPresent(
            hash -> commits.add(new RepositoryCommit(repository.getKey().url(), hash)));
      } catch (IOException e) {
        throw new SolverServiceException(
            "Cannot read the history of %s: %s"
                .formatted(repository.getKey().url(), e.getMessage()),
            e);
      }
    }
    return commits;
  }

  @Override
  public void close() {
    stores.close();
  }
}
