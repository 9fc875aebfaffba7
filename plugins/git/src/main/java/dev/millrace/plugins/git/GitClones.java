package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.api.FetchCommand;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.URIish;

/**
 * Bare local copies of remote repositories, one for each address, below one directory. Thread-safe:
 * fetches of one address follow one another.
 */
public final class GitClones {
  /** How long a remote may stay silent. */
  public static final Duration SILENCE_MAX = Duration.ofSeconds(60);

  private static final Set<String> SCHEMES = Set.of("https", "http", "ssh", "git", "file");

  private final Path directory;
  private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /** Copies below {@code directory}, which is made when needed. */
  public GitClones(Path directory) {
    this.directory = directory;
  }

  /**
   * Brings the newest commit of a remote branch here and returns it with the copy's git directory.
   *
   * @param url where the repository is: https, http, ssh, git or file
   * @param branch a branch name, or {@code HEAD} for the remote's default
   * @throws GitException if it cannot be had
   */
  public Commit fetchBranch(String url, String branch) throws InterruptedException {
    URIish uri = parse(url);
    return locked(
        uri,
        repository -> {
          String ref = branch.equals("HEAD") ? "HEAD" : "refs/heads/" + branch;
          String local = "refs/millrace/" + (branch.equals("HEAD") ? "default" : branch);
          fetch(repository, uri, List.of(new RefSpec("+" + ref + ":" + local)));
          return open(repository).commit(local);
        });
  }

  /**
   * Makes sure that a commit of a remote repository is here, and returns it.
   *
   * @throws GitException if the remote cannot be reached or has no such commit
   */
  public Commit fetchCommit(String url, CommitHash hash) throws InterruptedException {
    URIish uri = parse(url);
    return locked(
        uri,
        repository -> {
          if (!has(repository, hash)) {
            try {
              fetch(
                  repository,
                  uri,
                  List.of(new RefSpec("+" + hash.hex() + ":refs/millrace/commits/" + hash.hex())));
            } catch (GitException e) {
              // Not every server gives out a commit by its name: then all its branches are asked
              // for.
              fetch(repository, uri, List.of(new RefSpec("+refs/heads/*:refs/millrace/heads/*")));
            }
          }
          if (!has(repository, hash)) {
            throw new GitException(
                "The git repository \"%s\" has no commit %s on any branch".formatted(uri, hash),
                null);
          }
          return open(repository).commit(hash.hex());
        });
  }

  /** Opens the copy that a commit came from. */
  public static GitRepository open(Commit commit) {
    return GitRepository.open(commit.gitDirectory());
  }

  private interface Work<T> {
    T with(Repository repository) throws IOException;
  }

  private <T> T locked(URIish uri, Work<T> work) throws InterruptedException {
    ReentrantLock lock = locks.computeIfAbsent(uri.toString(), _ -> new ReentrantLock());
    lock.lockInterruptibly();
    try (Repository repository = copyOf(uri)) {
      return work.with(repository);
    } catch (IOException e) {
      throw new GitException(
          "Cannot keep a copy of the git repository \"%s\": %s".formatted(uri, e.getMessage()), e);
    } finally {
      lock.unlock();
    }
  }

  private Repository copyOf(URIish uri) throws IOException {
    Path path = directory.resolve(name(uri));
    Repository repository = new FileRepositoryBuilder().setBare().setGitDir(path.toFile()).build();
    if (!Files.exists(path.resolve("HEAD"))) {
      Files.createDirectories(path);
      repository.create(true);
    }
    return repository;
  }

  private static void fetch(Repository repository, URIish uri, List<RefSpec> refs) {
    FetchCommand command =
        Git.wrap(repository)
            .fetch()
            .setRemote(uri.toPrivateString())
            .setRefSpecs(refs)
            .setTagOpt(TagOpt.NO_TAGS)
            .setCheckFetchedObjects(true)
            .setTimeout((int) SILENCE_MAX.toSeconds());
    try {
      command.call();
    } catch (GitAPIException e) {
      throw new GitException(
          "Cannot fetch from the git repository \"%s\": %s".formatted(uri, reason(e)), e, true);
    }
  }

  private static String reason(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    return message == null ? deepest.getClass().getSimpleName() : message;
  }

  private static boolean has(Repository repository, CommitHash hash) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      walk.parseCommit(ObjectId.fromString(hash.hex()));
      return true;
    } catch (MissingObjectException e) {
      return false;
    }
  }

  private static GitRepository open(Repository repository) {
    return GitRepository.open(repository.getDirectory().toPath());
  }

  private static URIish parse(String url) {
    try {
      URIish uri = new URIish(url.startsWith("git+") ? url.substring(4) : url);
      String scheme = uri.getScheme() == null ? "file" : uri.getScheme().toLowerCase(Locale.ROOT);
      if (SCHEMES.contains(scheme) && !url.startsWith("-")) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Reported below like any other address that is none.
    }
    throw new GitException(
        "Cannot use \"%s\" as the address of a git repository: expected https://, http://, ssh://, git:// or file://"
            .formatted(url),
        null);
  }

  private static String name(URIish uri) {
    String human = uri.getHumanishName().replaceAll("[^A-Za-z0-9_-]", "_");
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(uri.toString().getBytes(UTF_8));
      return human + "-" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
