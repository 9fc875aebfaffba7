package dev.millrace.opam;

import java.util.Comparator;
import java.util.Optional;

/**
 * A package version, ordered as opam orders them.
 *
 * <p>The order is Debian's with {@code ~} before the end of the text, and with the text after the
 * last {@code -} compared last. Versions spelled differently may be equal in this order ({@code
 * 1.0} and {@code 1.00}); {@link #equals} however compares the text, because a version is also a
 * directory's name. Use {@link #compareTo}, or a sorted collection, where opam's notion is meant.
 */
public record PackageVersion(String text) implements Comparable<PackageVersion> {
  /** The version that pins without one get; greater than all that start with a digit. */
  public static final PackageVersion DEV = new PackageVersion("dev");

  /**
   * The order in which versions are listed: opam's, and of two that are equal there the plainer
   * spelling, {@code 1.0} beside {@code 1.00}, as the newer.
   */
  static final Comparator<PackageVersion> LISTING =
      Comparator.<PackageVersion>naturalOrder()
          .thenComparing(PackageVersion::text, Comparator.reverseOrder());

  /** Checks that the text can be a version. */
  public PackageVersion {
    if (!isLegal(text)) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as a package version: it must be made of one or more of A-Z a-z 0-9 - _ + . ~"
              .formatted(text));
    }
  }

  /**
   * Returns the version of this text.
   *
   * @throws IllegalArgumentException if it is empty or has other characters than versions may have
   */
  public static PackageVersion parse(String text) {
    return new PackageVersion(text);
  }

  /** Returns the version of this text, if it is one. */
  public static Optional<PackageVersion> find(String text) {
    return isLegal(text) ? Optional.of(new PackageVersion(text)) : Optional.empty();
  }

  private static boolean isLegal(String text) {
    return !text.isEmpty() && text.chars().allMatch(PackageVersion::isLegal);
  }

  private static boolean isLegal(int c) {
    return Ascii.isLetter(c) || Ascii.isDigit(c) || "-_+.~".indexOf(c) >= 0;
  }

  /** Says whether the formula holds for this version. */
  public boolean satisfies(Formula<VersionConstraint> constraint) {
    return constraint.eval(atom -> atom.holds(this));
  }

  @Override
  public int compareTo(PackageVersion other) {
    return VersionOrder.compare(text, other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
