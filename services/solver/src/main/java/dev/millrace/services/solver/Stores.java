package dev.millrace.services.solver;

import dev.millrace.opam.OpamIndex;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.CommitHash;
import dev.millrace.plugins.git.GitClones;
import dev.millrace.plugins.git.GitException;
import dev.millrace.services.cikit.OpamVersionSolver;
import dev.millrace.services.solver.Protocol.RepositoryCommit;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Commits of opam repositories, here. What was made of the list of commits asked for last is kept
 * for the next request, which mostly names the same. Thread-safe.
 */
final class Stores implements AutoCloseable {
  private final GitClones clones;
  private final OpamIndex index;
  private final Duration limit;
  private final Object lock = new Object();

  // Read and written under the lock only.
  private @Nullable Opened last;

  Stores(Path directory, Duration limit) {
    this.limit = limit;
    this.clones = new GitClones(directory.resolve("git"));
    this.index = OpamIndex.in(directory.resolve("opam-index"));
  }

  /** Repositories that are open, and how many use them; the last user of an old one closes it. */
  static final class Opened implements AutoCloseable {
    private final List<RepositoryCommit> commits;
    private final Map<RepositoryCommit, Path> gitDirectories;
    private final OpamRepository repository;
    private final OpamVersionSolver solver;
    private int users = 1;

    private Opened(
        List<RepositoryCommit> commits,
        Map<RepositoryCommit, Path> gitDirectories,
        OpamRepository repository,
        Duration limit) {
      this.commits = commits;
      this.gitDirectories = gitDirectories;
      this.repository = repository;
      this.solver =
          OpamVersionSolver.open(repository, "the opam repositories", Optional.empty())
              .withLimit(limit);
    }

    OpamVersionSolver solver() {
      return solver;
    }

    /** Where each repository's copy is, in the order of the request. */
    Map<RepositoryCommit, Path> gitDirectories() {
      return gitDirectories;
    }

    @Override
    public void close() {
      boolean done;
      synchronized (this) {
        users--;
        done = users == 0;
      }
      if (done) {
        repository.close();
      }
    }

    private synchronized boolean use() {
      if (users == 0) {
        return false;
      }
      users++;
      return true;
    }
  }

  /**
   * Opens commits, which are fetched where they are missing. Whoever opens closes.
   *
   * @throws SolverServiceException if a commit cannot be had or read
   */
  Opened open(List<RepositoryCommit> commits) throws InterruptedException {
    Opened known;
    synchronized (lock) {
      known = last;
    }
    if (known != null && known.commits.equals(commits) && known.use()) {
      return known;
    }
    Opened fresh = openAnew(commits);
    fresh.use(); // Once for the caller, once for being kept.
    Opened before;
    synchronized (lock) {
      before = last;
      last = fresh;
    }
    if (before != null) {
      before.close();
    }
    return fresh;
  }

  private Opened openAnew(List<RepositoryCommit> commits) throws InterruptedException {
    Map<RepositoryCommit, Path> directories = new LinkedHashMap<>();
    List<OpamRepository> opened = new ArrayList<>();
    try {
      for (RepositoryCommit commit : commits) {
        Commit found = clones.fetchCommit(commit.url(), new CommitHash(commit.hash()));
        directories.put(commit, found.gitDirectory());
        opened.add(index.open(found.gitDirectory(), commit.hash()));
      }
      return new Opened(
          List.copyOf(commits),
          directories,
          opened.size() == 1 ? opened.getFirst() : OpamRepositories.overlay(opened),
          limit);
    } catch (GitException | UncheckedIOException | IllegalArgumentException e) {
      opened.forEach(OpamRepository::close);
      throw new SolverServiceException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      opened.forEach(OpamRepository::close);
      throw e;
    }
  }

  @Override
  public void close() {
    Opened left;
    synchronized (lock) {
      left = last;
      last = null;
    }
    if (left != null) {
      left.close();
    }
  }
}
