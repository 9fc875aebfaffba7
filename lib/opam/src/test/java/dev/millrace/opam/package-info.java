/** Tests of opam's format, and the corpus of published packages that other modules test with. */
@NullMarked
package dev.millrace.opam;

import org.jspecify.annotations.NullMarked;
