/**
 * opam: the file format and its meaning, package names and versions, formulas and filters, and
 * package repositories.
 *
 * <p>Start at {@link dev.millrace.opam.OpamFile}, a parsed package description, and at {@link
 * dev.millrace.opam.OpamRepository}, where such files come from. A dependency field is a {@link
 * dev.millrace.opam.Formula} of {@link dev.millrace.opam.Dependency} atoms; {@link
 * dev.millrace.opam.FilteredFormula} reduces it, for an {@link dev.millrace.opam.Environment}, to
 * plain version constraints. Choosing versions is not done here.
 *
 * <p>{@link dev.millrace.opam.OpamIndex} opens commits of git repositories fast: it keeps what
 * their files say of versions ({@link dev.millrace.opam.PackageTerms}) by the files' ids, in {@code
 * IndexFile}. {@link dev.millrace.opam.RepositoryDiff} says what differs between two states. {@link
 * dev.millrace.opam.OpamLint} finds mistakes.
 *
 * <p>Files are bytes: strings that are not UTF-8 survive reading and printing unchanged ({@link
 * dev.millrace.opam.OpamText}). Everything but the repositories is immutable; repositories are
 * thread-safe. Nothing here recurses deeper than the parser's limit allows, so that a hostile file
 * is refused and not a stack overflow.
 *
 * <p>Imports {@code dev.millrace.base} only.
 */
@NullMarked
package dev.millrace.opam;

import org.jspecify.annotations.NullMarked;
