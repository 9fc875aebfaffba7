package dev.millrace.services.cikit;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a {@code pin-depends} entry points: a commit of a git repository.
 *
 * <p>By https, so that what arrives is what was sent; by all digits of its hash, so that it is the
 * same whenever it is asked for. The one exception is a repository on this machine, {@code
 * file:///}, which a developer pins to try a change of two projects together. It is refused where
 * the project is not the user's own ({@link ContentExtraction.LocalPins}): there it would let
 * strangers read the repositories of the machine.
 *
 * @param url the repository's address, without the {@code git+} in front
 * @param commit the commit, in hexadecimal
 */
record PinUrl(String url, String commit) {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-fA-F]{40}");

  /** What addresses are made of; also what can stand in a log, and in a shell's quotes. */
  private static final Pattern ADDRESS =
      Pattern.compile("(https://[A-Za-z0-9]|file:///)[A-Za-z0-9._~:/@%+,=-]*");

  private static final int LENGTH_MAX = 1000;
  private static final Pattern GITHUB_ARCHIVE =
      Pattern.compile(
          "https://github\\.com/([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+)/archive/([0-9a-fA-F]{40})\\.(tgz|tar\\.gz)");

  /**
   * Reads an entry's address. An archive that GitHub makes of a commit is taken from the commit
   * itself: it is the same content, and the commit's name vouches for it.
   *
   * @throws CiKitException if it is of a kind that is not taken, or names no commit
   */
  static PinUrl parse(String text) {
    if (text.length() > LENGTH_MAX) {
      throw new CiKitException(
          "pin-depends: an address must have at most %d characters".formatted(LENGTH_MAX));
    }
    return parseBounded(text, text.replaceAll("\\p{Cntrl}", "?"));
  }

  private static PinUrl parseBounded(String text, String shown) {
    Matcher archive = GITHUB_ARCHIVE.matcher(text);
    if (archive.matches()) {
      return new PinUrl(
          "https://github.com/%s/%s.git".formatted(archive.group(1), archive.group(2)),
          archive.group(3).toLowerCase(Locale.ROOT));
    }
    int hash = text.indexOf('#');
    String address = hash < 0 ? text : text.substring(0, hash);
    boolean git = address.startsWith("git+") || address.endsWith(".git");
    String plain = address.startsWith("git+") ? address.substring(4) : address;
    if (!git) {
      throw new CiKitException(
          "pin-depends: cannot take \"%s\": expected git+https://HOST/PATH#COMMIT, git+file:///PATH#COMMIT or https://github.com/ORG/REPO/archive/COMMIT.tar.gz"
              .formatted(shown));
    }
    if (!plain.startsWith("https://") && !plain.startsWith("file:///")) {
      throw new CiKitException(
          "pin-depends: cannot take \"%s\": git repositories must be had by https (or be local: file:///)"
              .formatted(shown));
    }
    if (hash < 0) {
      throw new CiKitException(
          "pin-depends: \"%s\" must end in #COMMIT, so that the build can be repeated"
              .formatted(shown));
    }
    String commit = text.substring(hash + 1);
    if (!COMMIT.matcher(commit).matches()) {
      throw new CiKitException(
          "pin-depends: \"%s\" must name a commit by all 40 digits of its hash, not a branch or tag (\"%s\")"
              .formatted(shown, commit.replaceAll("\\p{Cntrl}", "?")));
    }
    if (!ADDRESS.matcher(plain).matches()) {
      throw new CiKitException(
          "pin-depends: cannot take \"%s\": an address is made of letters, digits, and . _ ~ : / @ %% + , = -"
              .formatted(shown));
    }
    return new PinUrl(plain, commit.toLowerCase(Locale.ROOT));
  }
}
