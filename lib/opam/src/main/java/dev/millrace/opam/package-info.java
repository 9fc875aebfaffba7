/** The opam file format and its semantics. */
@NullMarked
package dev.millrace.opam;

import org.jspecify.annotations.NullMarked;
