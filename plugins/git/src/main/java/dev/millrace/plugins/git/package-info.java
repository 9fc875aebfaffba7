/**
 * Git repositories as inputs of pipelines.
 *
 * <p>Start at {@link dev.millrace.plugins.git.GitRepository} (a local repository: its head, its
 * trees, exporting them) and {@link dev.millrace.plugins.git.GitClones} (local copies of remote
 * ones). Everything is read by JGit from the object database: no git program, hook, filter or
 * configured command ever runs, and nothing is written to a user's repository ({@link
 * dev.millrace.plugins.git.GitLimits} says how much is taken from one).
 *
 * <p>Imports {@code base} and {@code engine.core}. Repositories are hostile: names, links, sizes
 * and depths in them are checked before anything is written, and nothing is written outside the
 * directory asked for.
 */
@NullMarked
package dev.millrace.plugins.git;

import org.jspecify.annotations.NullMarked;
