package dev.millrace.opam;

import java.util.List;

/**
 * The part of a package's description that decides which versions go together: what {@link
 * OpamFile} says of it, without all the rest. Immutable.
 *
 * @param depends what must be installed
 * @param conflicts what must not be installed: a disjunction of atoms
 * @param conflictClasses the classes of which only one package may be installed, each once
 * @param available on which platforms the package exists
 * @param avoidVersion whether it carries the flag {@code avoid-version}
 */
public record PackageTerms(
    Formula<Dependency> depends,
    Formula<Dependency> conflicts,
    List<PackageName> conflictClasses,
    Filter available,
    boolean avoidVersion) {
  /** Copies. */
  public PackageTerms {
    conflictClasses = List.copyOf(conflictClasses);
  }

  /**
   * Reads the terms of a package file and nothing more, which is faster than {@link
   * OpamFile#parse(byte[], String)} and gives the same.
   *
   * @throws OpamParseException if the bytes are not in opam's syntax, or are of a format version
   *     other than 2.0
   */
  public static PackageTerms parse(byte[] bytes, String fileName) {
    return OpamFileReader.forTerms(OpamSyntax.parse(bytes, fileName), fileName).readTerms();
  }
}
