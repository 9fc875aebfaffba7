package dev.millrace.plugins.git;

import java.nio.file.Path;

/**
 * A commit of a project, which is a whole repository or one directory of it.
 *
 * @param gitDirectory the repository's git directory
 * @param directory the project's directory inside the repository, {@code a/b}; empty for all of it
 * @param hash the commit
 * @param tree the project's tree in that commit: commits with the same tree have the same files
 * @param ref where the commit was found: {@code refs/heads/main}, or {@code HEAD} when detached
 * @param title the first line of the message
 */
public record Commit(
    Path gitDirectory,
    String directory,
    CommitHash hash,
    CommitHash tree,
    String ref,
    String title) {
  @Override
  public String toString() {
    return hash.shortened() + (title.isEmpty() ? "" : " " + title);
  }
}
