package dev.millrace.opam;

import java.util.Comparator;
import java.util.Optional;

/** One version of a package: {@code name.version}; ordered by name, then version. */
// The word of the domain; java.lang.Package is never meant in this code base.
@SuppressWarnings("AvoidCommonTypeNames")
public record Package(PackageName name, PackageVersion version) implements Comparable<Package> {
  private static final Comparator<Package> ORDER =
      Comparator.comparing(Package::name).thenComparing(Package::version);

  /**
   * Returns the package of a text like {@code dune.3.17.0}, split at the first dot.
   *
   * @throws IllegalArgumentException if the text is not a name, a dot and a version
   */
  public static Package parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as a package: it must be NAME.VERSION".formatted(text));
    }
    return new Package(
        PackageName.parse(text.substring(0, dot)), PackageVersion.parse(text.substring(dot + 1)));
  }

  /** Returns the package of a text, if it is one. */
  public static Optional<Package> find(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? Optional.empty()
        : PackageName.find(text.substring(0, dot))
            .flatMap(
                name ->
                    PackageVersion.find(text.substring(dot + 1))
                        .map(version -> new Package(name, version)));
  }

  @Override
  public int compareTo(Package other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return name + "." + version;
  }
}
