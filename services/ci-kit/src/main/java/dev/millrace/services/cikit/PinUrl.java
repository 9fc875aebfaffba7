package dev.millrace.services.cikit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a {@code pin-depends} entry points: a commit of a git repository.
 *
 * @param url the repository's address, without the {@code git+} in front
 * @param commit the commit, in hexadecimal
 */
record PinUrl(String url, String commit) {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-fA-F]{7,64}");
  private static final Pattern GITHUB_ARCHIVE =
      Pattern.compile(
          "https://github\\.com/([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+)/archive/([0-9a-fA-F]{7,64})\\.(tgz|tar\\.gz)");

  /**
   * Reads an entry's address. An archive that GitHub makes of a commit is taken from the commit
   * itself: it is the same content, and the commit's name vouches for it.
   *
   * @throws CiKitException if it is of a kind that is not taken, or names no commit
   */
  static PinUrl parse(String text) {
    Matcher archive = GITHUB_ARCHIVE.matcher(text);
    if (archive.matches()) {
      return new PinUrl(
          "https://github.com/%s/%s.git".formatted(archive.group(1), archive.group(2)),
          archive.group(3));
    }
    int hash = text.indexOf('#');
    String address = hash < 0 ? text : text.substring(0, hash);
    boolean git = address.startsWith("git+") || address.endsWith(".git");
    String plain = address.startsWith("git+") ? address.substring(4) : address;
    if (!git) {
      throw new CiKitException(
          "pin-depends: cannot take \"%s\": expected git+https://HOST/PATH#COMMIT, git+file:///PATH#COMMIT or https://github.com/ORG/REPO/archive/COMMIT.tar.gz"
              .formatted(text));
    }
    if (!plain.startsWith("https://") && !plain.startsWith("file:///")) {
      throw new CiKitException(
          "pin-depends: cannot take \"%s\": git repositories must be had by https (or be local: file:///)"
              .formatted(text));
    }
    if (hash < 0) {
      throw new CiKitException(
          "pin-depends: \"%s\" must end in #COMMIT, so that the build can be repeated"
              .formatted(text));
    }
    String commit = text.substring(hash + 1);
    if (!COMMIT.matcher(commit).matches()) {
      throw new CiKitException(
          "pin-depends: \"%s\" must name a commit by its hash, not a branch or tag (\"%s\")"
              .formatted(text, commit));
    }
    return new PinUrl(plain, commit);
  }
}
