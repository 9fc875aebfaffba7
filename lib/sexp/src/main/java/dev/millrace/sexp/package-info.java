/**
 * S-expressions: reading them with positions, and writing them byte for byte as OCaml's {@code
 * sexplib} does.
 *
 * <p>Start at {@link dev.millrace.sexp.Sexp}. Imports nothing but the JDK. Everything is immutable.
 */
@NullMarked
package dev.millrace.sexp;

import org.jspecify.annotations.NullMarked;
