package dev.millrace.plugins.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.util.RawParseUtils;
import org.jspecify.annotations.Nullable;

/**
 * A commit of a repository, and the way from there to its submodules' commits. One thread.
 *
 * <p>A submodule's files come from the copies that git keeps beside the repository; nothing is
 * downloaded, and no address in {@code .gitmodules} is ever looked at.
 */
final class SourceModule {
  private static final int GITMODULES_MAX = 1 << 20;

  private final Repository repository;
  private final ObjectId rootTree;
  private final Opened opened;
  private @Nullable Map<String, String> names;

  private SourceModule(Repository repository, ObjectId rootTree, Opened opened) {
    this.repository = repository;
    this.rootTree = rootTree;
    this.opened = opened;
  }

  /** The repositories of submodules that are open. Owned by who asked for the export. */
  static final class Opened implements AutoCloseable {
    private final Map<Path, Repository> repositories = new HashMap<>();

    private Repository open(Path gitDirectory) throws IOException {
      Repository known = repositories.get(gitDirectory);
      if (known == null) {
        known = GitRepository.openGitDirectory(gitDirectory);
        repositories.put(gitDirectory, known);
      }
      return known;
    }

    @Override
    public void close() {
      repositories.values().forEach(Repository::close);
    }
  }

  /** The commit that is exported itself. */
  static SourceModule root(Repository repository, ObjectId commit, Opened opened)
      throws IOException {
    return new SourceModule(repository, treeOf(repository, commit), opened);
  }

  private static ObjectId treeOf(Repository repository, ObjectId commit) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return walk.parseCommit(commit).getTree().getId();
    }
  }

  Repository repository() {
    return repository;
  }

  ObjectId rootTree() {
    return rootTree;
  }

  /**
   * The commit that stands at a path of this module.
   *
   * @param path where, in this module
   * @param shown how the place is called in messages
   */
  SourceModule submodule(String path, ObjectId commit, String shown) {
    Repository found =
        JGitCalls.read(
            "the submodule \"%s\"".formatted(shown),
            () -> {
              Optional<Path> gitDirectory = gitDirectory(path);
              return opened.open(gitDirectory.orElseThrow(() -> notAtHand(shown)));
            });
    return JGitCalls.read(
        "commit %s of the submodule \"%s\"".formatted(commit.name(), shown),
        () -> {
          try {
            return new SourceModule(found, treeOf(found, commit), opened);
          } catch (MissingObjectException e) {
            throw new GitException(
                "Commit %s of the submodule \"%s\" is not at hand (run \"git submodule update --init --recursive\" in the project)"
                    .formatted(commit.name().substring(0, 7), shown),
                e);
          }
        });
  }

  private static GitException notAtHand(String shown) {
    return new GitException(
        "The submodule \"%s\" is not at hand (run \"git submodule update --init --recursive\" in the project)"
            .formatted(shown));
  }

  private Optional<Path> gitDirectory(String path) throws IOException {
    if (names == null) {
      names = readNames();
    }
    String name = names.get(path);
    if (name == null) {
      return Optional.empty();
    }
    List<Path> candidates = new ArrayList<>();
    for (Path git :
        List.of(repository.getDirectory().toPath(), repository.getCommonDirectory().toPath())) {
      inside(git.resolve("modules"), name).ifPresent(candidates::add);
    }
    if (!repository.isBare()) {
      // As git kept them in the past: inside the work tree.
      inside(repository.getWorkTree().toPath(), path + "/" + Constants.DOT_GIT)
          .ifPresent(candidates::add);
    }
    return candidates.stream().findFirst();
  }

  /** A directory below another, not by way of a link that leads out of it. */
  private static Optional<Path> inside(Path parent, String path) throws IOException {
    Path candidate = parent.resolve(path).normalize();
    if (!candidate.startsWith(parent)
        || candidate.equals(parent)
        || !Files.isDirectory(candidate, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    Path real = candidate.toRealPath();
    return real.startsWith(parent.toRealPath()) ? Optional.of(real) : Optional.empty();
  }

  /** Which path has which name, as the commit's {@code .gitmodules} says. */
  private Map<String, String> readNames() throws IOException {
    Map<String, String> byPath = new HashMap<>();
    try (ObjectReader reader = repository.newObjectReader();
        @Nullable TreeWalk walk = TreeWalk.forPath(reader, Constants.DOT_GIT_MODULES, rootTree)) {
      if (walk == null || !isFile(walk.getFileMode(0))) {
        return byPath;
      }
      ObjectLoader loader = reader.open(walk.getObjectId(0), Constants.OBJ_BLOB);
      if (loader.getSize() > GITMODULES_MAX) {
        throw new GitException(
            "The commit's .gitmodules must have at most %d bytes".formatted(GITMODULES_MAX));
      }
      Config config = new Config();
      config.fromText(RawParseUtils.decode(loader.getBytes(GITMODULES_MAX)));
      for (String name : config.getSubsections("submodule")) {
        String path = config.getString("submodule", name, "path");
        if (path != null && isName(name)) {
          byPath.putIfAbsent(path, name);
        }
      }
      return byPath;
    } catch (ConfigInvalidException e) {
      throw new GitException("The commit's .gitmodules cannot be read: " + JGitCalls.reason(e), e);
    }
  }

  private static boolean isFile(FileMode mode) {
    return mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE);
  }

  /** Git's own rule: a name must not lead out of where submodules are kept. */
  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.indexOf('\0') < 0
        && !List.of(name.split("[/\\\\]", -1)).contains("..");
  }
}
