package dev.millrace.services.cikit;

/**
 * A package that a project asks to be taken from a git repository ({@code pin-depends}). Immutable.
 *
 * @param source the package, as it is there
 * @param url the repository's address
 * @param commit which commit of it
 */
public record PinnedPackage(PackageSource source, String url, String commit) {}
