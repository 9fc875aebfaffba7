/**
 * OCaml releases, distributions and architectures, as data.
 *
 * <p>Start at {@link dev.millrace.ocaml.OcamlVersion}; {@link dev.millrace.ocaml.OcamlRelease},
 * {@link dev.millrace.ocaml.Distribution} and {@link dev.millrace.ocaml.Architecture} are the
 * tables. Everything is immutable; nothing does I/O. Imports nothing of Millrace.
 */
@NullMarked
package dev.millrace.ocaml;

import org.jspecify.annotations.NullMarked;
