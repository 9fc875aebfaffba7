package dev.millrace.services.ocamlci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.engine.core.Monitor;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.GitClones;
import dev.millrace.plugins.git.GitException;
import dev.millrace.plugins.git.GitRepository;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The opam repository, which moves on by itself. */
final class RepositoryMonitor implements Monitor<RepositoryVersion> {
  private static final Duration POLL_REMOTE = Duration.ofMinutes(10);
  private static final Duration POLL_HERE = Duration.ofSeconds(30);

  private final RepositoryLocation location;
  private final GitClones clones;

  RepositoryMonitor(RepositoryLocation location, GitClones clones) {
    this.location = location;
    this.clones = clones;
  }

  @Override
  public RepositoryVersion read() throws IOException, InterruptedException {
    return switch (location) {
      case RepositoryLocation.Remote(String url) -> git(clones.fetchBranch(url, "HEAD"));
      case RepositoryLocation.Directory(Path path) -> directory(path);
    };
  }

  private static RepositoryVersion git(Commit commit) {
    return new RepositoryVersion(
        RepositoryVersion.Kind.GIT, commit.gitDirectory(), commit.hash().hex());
  }

  private static RepositoryVersion directory(Path path) throws IOException {
    if (RepositoryLocation.isGit(path)) {
      try (GitRepository repository = GitRepository.open(path)) {
        return git(repository.head());
      }
    }
    if (!Files.isDirectory(path.resolve("packages"))) {
      throw new GitException(
          "Cannot use \"%s\" as an opam repository: it has no \"packages\" directory"
              .formatted(path));
    }
    return new RepositoryVersion(RepositoryVersion.Kind.FILES, path, digest(path));
  }

  private static String digest(Path path) throws IOException {
    TreeMap<String, String> files = new TreeMap<>();
    Files.walkFileTree(
        path.resolve("packages"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.put(
                path.relativize(file).toString(),
                attributes.size() + " " + attributes.lastModifiedTime().toMillis());
            return FileVisitResult.CONTINUE;
          }
        });
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      files.forEach((name, what) -> digest.update((name + "\0" + what + "\0").getBytes(UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** Asks now and then: a whole repository is too much to watch file by file. */
  @Override
  public AutoCloseable watch(Runnable refresh) {
    Duration poll = location instanceof RepositoryLocation.Remote ? POLL_REMOTE : POLL_HERE;
    CountDownLatch closed = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("opam-repository-watch")
        .start(
            () -> {
              try {
                while (!closed.await(poll.toMillis(), TimeUnit.MILLISECONDS)) {
                  refresh.run();
                }
              } catch (InterruptedException e) {
                // Nobody wants to know any more.
              }
            });
    // Not waited for: it has nothing to put away.
    return closed::countDown;
  }
}
