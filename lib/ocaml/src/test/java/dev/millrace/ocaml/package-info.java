/** Tests. */
@NullMarked
package dev.millrace.ocaml;

import org.jspecify.annotations.NullMarked;
