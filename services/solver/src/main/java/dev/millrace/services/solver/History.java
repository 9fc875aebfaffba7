package dev.millrace.services.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Finds since when packages have been as they are: the oldest commit, over first parents, in which
 * they are the same, or missing where they are missing. What was built from them keeps its name as
 * long as they stay.
 */
final class History {
  /** How far back it goes; the public repository has some 60,000 commits. */
  private static final int COMMITS_MAX = 200_000;

  private History() {}

  /**
   * The oldest commit; empty if the repository has none of the packages.
   *
   * @param packages as {@code name.version}
   */
  static Optional<String> oldest(Path gitDirectory, String commit, Set<String> packages)
      throws IOException, InterruptedException {
    try (Repository repository =
            new FileRepositoryBuilder()
                .setGitDir(gitDirectory.toFile())
                .setMustExist(true)
                .build();
        RevWalk walk = new RevWalk(repository);
        ObjectReader reader = repository.newObjectReader()) {
      return new Walk(walk, reader, packages).from(ObjectId.fromString(commit));
    }
  }

  /** One walk; used by one thread. */
  private static final class Walk {
    private final RevWalk commits;
    private final ObjectReader reader;
    private final Map<String, Set<String>> versionsByName = new HashMap<>();
    private final Map<ObjectId, Map<String, ObjectId>> known = new HashMap<>();

    Walk(RevWalk commits, ObjectReader reader, Set<String> packages) {
      this.commits = commits;
      this.reader = reader;
      for (String pkg : packages) {
        String name = pkg.substring(0, pkg.indexOf('.'));
        versionsByName.computeIfAbsent(name, _ -> new HashSet<>()).add(pkg);
      }
    }

    Optional<String> from(ObjectId start) throws IOException, InterruptedException {
      RevCommit oldest = commits.parseCommit(start);
      ObjectId tree = packages(oldest);
      Map<String, ObjectId> wanted = states(tree);
      if (wanted.isEmpty()) {
        return Optional.empty();
      }
      for (int i = 0; i < COMMITS_MAX && oldest.getParentCount() > 0; i++) {
        if (Thread.interrupted()) {
          throw new InterruptedException("The walk over the history was cancelled");
        }
        RevCommit parent = commits.parseCommit(oldest.getParent(0));
        ObjectId parentTree = packages(parent);
        if (!parentTree.equals(tree)) {
          if (!states(parentTree).equals(wanted)) {
            break;
          }
          tree = parentTree;
        }
        oldest = parent;
      }
      return Optional.of(oldest.name());
    }

    private ObjectId packages(RevCommit commit) throws IOException {
      try (TreeWalk walk = TreeWalk.forPath(reader, "packages", commit.getTree())) {
        return walk == null ? ObjectId.zeroId() : walk.getObjectId(0);
      }
    }

    /** The trees of the packages, by path; those that are missing have none. */
    private Map<String, ObjectId> states(ObjectId tree) throws IOException {
      Map<String, ObjectId> result = new HashMap<>();
      if (tree.equals(ObjectId.zeroId())) {
        return result;
      }
      CanonicalTreeParser entries = new CanonicalTreeParser(null, reader, tree);
      for (; !entries.eof(); entries.next()) {
        if (FileMode.TREE.equals(entries.getEntryRawMode())) {
          Set<String> versions = versionsByName.get(entries.getEntryPathString());
          if (versions != null) {
            result.putAll(versions(entries.getEntryObjectId(), versions));
          }
        }
      }
      return result;
    }

    /** Most packages have the same tree in many commits. */
    private Map<String, ObjectId> versions(ObjectId tree, Set<String> versions) throws IOException {
      Map<String, ObjectId> found = known.get(tree);
      if (found == null) {
        found = new HashMap<>();
        CanonicalTreeParser entries = new CanonicalTreeParser(null, reader, tree);
        for (; !entries.eof(); entries.next()) {
          if (versions.contains(entries.getEntryPathString())) {
            found.put(entries.getEntryPathString(), entries.getEntryObjectId());
          }
        }
        known.put(tree, found);
      }
      return found;
    }
  }
}
