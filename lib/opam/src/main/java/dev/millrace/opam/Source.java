package dev.millrace.opam;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where an archive or a repository of sources is: section {@code url} or {@code extra-source}. */
public record Source(
    String src, List<String> mirrors, List<OpamHash> checksums, Optional<String> subpath) {
  private static final Pattern VERSION_CONTROLLED =
      Pattern.compile("(git|hg|darcs)(\\+[a-z]+)?://.*|.*\\.git(#.*)?");

  /** Copies the lists. */
  public Source {
    mirrors = List.copyOf(mirrors);
    checksums = List.copyOf(checksums);
  }

  /** Whether a version control system has it, rather than an archive or a directory. */
  public boolean isVersionControlled() {
    return VERSION_CONTROLLED.matcher(src).matches();
  }
}
