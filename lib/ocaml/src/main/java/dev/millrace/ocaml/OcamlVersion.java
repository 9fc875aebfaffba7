package dev.millrace.ocaml;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of the OCaml compiler, such as {@code 4.14}, {@code 5.3.0}, {@code 5.5.0~beta1} or
 * {@code 4.14.2+flambda}. Immutable.
 *
 * <p>Ordered by major, minor, patch (none before any), prerelease (any before none) and extra (none
 * before any). Note that {@code 4.14} is thus older than {@code 4.14.0}.
 *
 * @param major the first number
 * @param minor the second number
 * @param patch the third number, where there is one
 * @param prerelease what follows {@code ~}, up to a {@code +}
 * @param extra what follows the first {@code +}: the compiler's variant
 */
public record OcamlVersion(
    int major,
    int minor,
    Optional<Integer> patch,
    Optional<String> prerelease,
    Optional<String> extra)
    implements Comparable<OcamlVersion> {
  private static final Pattern SYNTAX =
      Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?(?:([~+])([A-Za-z0-9_.~+-]+))?");

  private static final Comparator<OcamlVersion> ORDER =
      Comparator.comparingInt(OcamlVersion::major)
          .thenComparingInt(OcamlVersion::minor)
          .thenComparingInt(version -> version.patch().orElse(-1))
          .thenComparing(OcamlVersion::comparePrereleases)
          .thenComparing(version -> version.extra().map(extra -> "+" + extra).orElse(""));

  /** Checks that the numbers are not negative. */
  public OcamlVersion {
    if (major < 0 || minor < 0 || patch.orElse(0) < 0) {
      throw new IllegalArgumentException("numbers of a version must not be negative");
    }
  }

  /** A version without patch, prerelease and extra. */
  public static OcamlVersion of(int major, int minor) {
    return new OcamlVersion(major, minor, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A version without prerelease and extra. */
  public static OcamlVersion of(int major, int minor, int patch) {
    return new OcamlVersion(major, minor, Optional.of(patch), Optional.empty(), Optional.empty());
  }

  /**
   * Reads a version.
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static OcamlVersion parse(String text) {
    return find(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unable to parse OCaml version '%s': expected one like 5.3, 5.3.0, 5.5.0~beta1 or 4.14+flambda"
                        .formatted(text)));
  }

  /** Reads a version; empty if the text is none. */
  public static Optional<OcamlVersion> find(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Optional<String> prerelease = Optional.empty();
    Optional<String> extra = Optional.empty();
    String tail = matcher.group(5);
    if (tail != null && "+".equals(matcher.group(4))) {
      extra = Optional.of(tail);
    } else if (tail != null) {
      int plus = tail.indexOf('+');
      prerelease = Optional.of(plus < 0 ? tail : tail.substring(0, plus));
      extra = plus < 0 ? Optional.empty() : Optional.of(tail.substring(plus + 1));
    }
    return Optional.of(
        new OcamlVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Optional.ofNullable(matcher.group(3)).map(Integer::parseInt),
            prerelease,
            extra));
  }

  /** The same without its extra: the plain compiler. */
  public OcamlVersion withoutVariant() {
    return new OcamlVersion(major, minor, patch, prerelease, Optional.empty());
  }

  /** The same without its patch number. */
  public OcamlVersion withoutPatch() {
    return new OcamlVersion(major, minor, Optional.empty(), prerelease, extra);
  }

  /** The series: major and minor, and the prerelease, which is kept. */
  public OcamlVersion justMajorAndMinor() {
    return new OcamlVersion(major, minor, Optional.empty(), prerelease, Optional.empty());
  }

  /** The same with another extra. */
  public OcamlVersion withVariant(String newExtra) {
    return new OcamlVersion(major, minor, patch, prerelease, Optional.of(newExtra));
  }

  /** As part of a Docker tag, where {@code +} and {@code ~} are written {@code -}. */
  public String dockerTag() {
    return toString().replace('+', '-').replace('~', '-');
  }

  @Override
  public int compareTo(OcamlVersion other) {
    return ORDER.compare(this, other);
  }

  /** As it is written: the minor number with two digits up to OCaml 4. */
  @Override
  public String toString() {
    return (major < 5 ? "%d.%02d" : "%d.%d").formatted(major, minor)
        + patch.map(number -> "." + number).orElse("")
        + prerelease.map(text -> "~" + text).orElse("")
        + extra.map(text -> "+" + text).orElse("");
  }

  private static int comparePrereleases(OcamlVersion left, OcamlVersion right) {
    if (left.prerelease.isEmpty() || right.prerelease.isEmpty()) {
      return Boolean.compare(left.prerelease.isEmpty(), right.prerelease.isEmpty());
    }
    return left.prerelease.get().compareTo(right.prerelease.get());
  }
}
