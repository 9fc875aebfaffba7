/** OCaml releases, distributions and architectures, as data. */
@NullMarked
package dev.millrace.ocaml;

import org.jspecify.annotations.NullMarked;
