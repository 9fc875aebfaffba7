package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
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
import java.util.regex.Pattern;
import org.eclipse.jgit.api.FetchCommand;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache.FileKey;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * Bare local copies of remote repositories, one for each address, below one directory. Thread-safe:
 * fetches of one address follow one another.
 */
public final class GitClones {
  /** How long a remote may stay silent. */
  public static final Duration SILENCE_MAX = Duration.ofSeconds(60);

  private static final Set<String> SCHEMES = Set.of("https", "http", "ssh", "git", "file");
  private static final Pattern REMOTE_HELPER = Pattern.compile("[A-Za-z0-9+.-]+::.*");

  static {
    SystemSettings.install();
  }

  private final Path directory;
  private final GitLimits limits;
  private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /** Copies below {@code directory}, which is made when needed. */
  public GitClones(Path directory) {
    this(directory, GitLimits.DEFAULT);
  }

  /** Copies with other limits on what a fetch may bring. */
  public GitClones(Path directory, GitLimits limits) {
    this.directory = directory;
    this.limits = limits;
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
    String ref = branch.equals("HEAD") ? "HEAD" : "refs/heads/" + branch;
    if (!branch.equals("HEAD") && !Repository.isValidRefName(ref)) {
      throw new GitException(
          "Cannot use \"%s\" as the name of a branch of \"%s\": git does not allow it"
              .formatted(Printable.of(branch), shown(uri)));
    }
    String local = branch.equals("HEAD") ? "refs/millrace/default" : local(branch);
    return locked(
        uri,
        repository -> {
          fetch(repository, uri, List.of(new RefSpec("+" + ref + ":" + local)));
          return open(repository).commit(local);
        });
  }

  /**
   * What a branch is called here: in one word, as {@code a} may be gone there, and with it what
   * kept {@code a/b} from being.
   */
  private static String local(String branch) {
    return "refs/millrace/branches/" + branch.replace("%", "%25").replace("/", "%2F");
  }

  /**
   * Makes sure that a commit of a remote repository is here, and returns it. The hash of an
   * annotated tag stands for the commit that it is put on.
   *
   * @throws GitException if the remote cannot be reached, has no such commit, or has something else
   *     by that name
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
                "The git repository \"%s\" has no commit %s on any branch"
                    .formatted(shown(uri), hash));
          }
          return open(repository).commit(hash.hex());
        });
  }

  /** Opens the copy that a commit came from. */
  public static GitRepository open(Commit commit) {
    return GitRepository.open(commit.gitDirectory());
  }

  private interface Work<T> {
    T with(BoundedRepository repository) throws IOException, InterruptedException;
  }

  private <T> T locked(URIish uri, Work<T> work) throws InterruptedException {
    ReentrantLock lock = locks.computeIfAbsent(uri.toString(), _ -> new ReentrantLock());
    lock.lockInterruptibly();
    try (BoundedRepository repository = copyOf(uri)) {
      return work.with(repository);
    } catch (IOException e) {
      throw new GitException(
          "Cannot keep a copy of the git repository \"%s\": %s"
              .formatted(shown(uri), JGitCalls.reason(e)),
          e);
    } finally {
      lock.unlock();
    }
  }

  private BoundedRepository copyOf(URIish uri) throws IOException {
    Path path = directory.resolve(name(uri));
    FetchBounds bounds =
        new FetchBounds(limits.withinHeap(Runtime.getRuntime().maxMemory()), System::nanoTime);
    BoundedRepository repository = BoundedRepository.open(path.toFile(), bounds);
    if (!Files.exists(path.resolve("HEAD"))) {
      Files.createDirectories(path);
      repository.create(true);
    }
    return repository;
  }

  private static void fetch(BoundedRepository repository, URIish uri, List<RefSpec> refs)
      throws InterruptedException, IOException {
    checkLocal(uri);
    FetchBounds bounds = repository.bounds();
    FetchCommand command =
        Git.wrap(repository)
            .fetch()
            .setRemote(uri.toPrivateString())
            .setRefSpecs(refs)
            .setTagOpt(TagOpt.NO_TAGS)
            .setCheckFetchedObjects(true)
            .setProgressMonitor(bounds.monitor())
            .setTransportConfigCallback(
                transport -> {
                  if (transport instanceof TransportHttp http) {
                    http.setHttpConnectionFactory(bounds.http());
                  }
                })
            .setTimeout((int) SILENCE_MAX.toSeconds());
    try {
      command.call();
    } catch (GitAPIException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
      // Whatever JGit fails with on what a stranger sends: see JGitCalls.
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw new GitException(
          "Cannot fetch from the git repository \"%s\": %s"
              .formatted(
                  shown(uri),
                  e instanceof Error ? "it takes more memory than there is" : JGitCalls.reason(e)),
          e,
          true);
    }
  }

  /** JGit serves a repository on this machine to itself: then its files are read here. */
  private static void checkLocal(URIish uri) throws IOException {
    if (uri.isRemote()) {
      return;
    }
    Path path = Path.of(uri.getPath());
    File found = Files.isDirectory(path) ? FileKey.resolve(path.toFile(), FS.DETECTED) : null;
    if (found == null) {
      throw new GitException(
          "Cannot fetch from the git repository \"%s\": there is none at that place"
              .formatted(shown(uri)));
    }
    GitRepository.checkGitDirectory(found.toPath());
  }

  private static boolean has(Repository repository, CommitHash hash) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      walk.parseCommit(ObjectId.fromString(hash.hex()));
      return true;
    } catch (MissingObjectException e) {
      return false;
    } catch (IncorrectObjectTypeException e) {
      throw new GitException(
          "%s is not the hash of a commit, but of something else".formatted(hash), e);
    }
  }

  private static GitRepository open(Repository repository) {
    return GitRepository.open(repository.getDirectory().toPath());
  }

  private static URIish parse(String url) {
    String plain = url.startsWith("git+") ? url.substring(4) : url;
    try {
      URIish uri = new URIish(plain);
      if (isAddress(plain) && isKnown(uri)) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Reported below like any other address that is none.
    }
    throw new GitException(
        "Cannot use \"%s\" as the address of a git repository: expected https://, http://, ssh://, git:// or file://"
            .formatted(Printable.of(url)));
  }

  /** Options, the addresses of git's remote helpers, and blanks are nothing that we pass on. */
  private static boolean isAddress(String url) {
    return !url.startsWith("-")
        && !REMOTE_HELPER.matcher(url).matches()
        && url.chars().noneMatch(c -> c <= ' ' || c == 0x7f);
  }

  private static boolean isKnown(URIish uri) {
    String local = uri.isRemote() ? "ssh" : "file";
    String scheme = uri.getScheme() == null ? local : uri.getScheme().toLowerCase(Locale.ROOT);
    return SCHEMES.contains(scheme)
        && !isOption(uri.getHost())
        && !isOption(uri.getUser())
        && !isOption(uri.getPath())
        && (uri.isRemote() || (uri.getPath() != null && !uri.getPath().isEmpty()));
  }

  private static boolean isOption(@Nullable String part) {
    return part != null && part.startsWith("-");
  }

  /** Without the password that an address may have. */
  private static String shown(URIish uri) {
    return Printable.of(uri.toString());
  }

  private static String name(URIish uri) {
    String human = humanName(uri).replaceAll("[^A-Za-z0-9_-]", "_");
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(uri.toString().getBytes(UTF_8));
      return human.substring(0, Math.min(human.length(), 64))
          + "-"
          + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static String humanName(URIish uri) {
    try {
      return uri.getHumanishName();
    } catch (IllegalArgumentException e) {
      // Nothing in the path can serve as a name.
      return "repository";
    }
  }
}
