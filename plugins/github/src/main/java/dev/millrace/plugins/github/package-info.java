/**
 * GitHub: who somebody is, for the web interface's sign-on.
 *
 * <p>Start at {@link dev.millrace.plugins.github.GitHubSignOn}. People are known by the number of
 * their account, never by its name: names are given up and taken by others.
 *
 * <p>Imports {@code base} and {@code engine.web}. GitHub's answers are bounded in size and time,
 * and taken as what a stranger says: no redirection is followed, and whatever is not as expected is
 * an error that says where.
 */
@NullMarked
package dev.millrace.plugins.github;

import org.jspecify.annotations.NullMarked;
