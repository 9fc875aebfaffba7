package dev.millrace.plugins.github;

import dev.millrace.base.Limit;
import dev.millrace.base.Limit.Scope;
import java.util.List;

/** What is bounded of what GitHub says. */
public final class GitHubLimits {
  private GitHubLimits() {}

  /** All of them, in the order of the document. */
  public static List<Limit> list() {
    return List.of(
        new Limit(
            "an answer of GitHub to a sign-in",
            Scope.REQUEST,
            Limit.bytes(GitHubHttp.ANSWER_BYTES_MAX),
            "503; nobody is signed in"),
        new Limit(
            "the time that GitHub has for one",
            Scope.REQUEST,
            "%d s".formatted(GitHubSignOnConfig.TIMEOUT_DEFAULT.toSeconds()),
            "503; nobody is signed in"));
  }
}
